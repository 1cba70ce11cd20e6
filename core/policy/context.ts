/** A pack of bounds: China, the European Union, Illinois. */
export const packIds = ["cn", "eu", "us-il"] as const;
export type PackId = (typeof packIds)[number];

/** What has been decided and published about face entry at a door. Something absent has not happened. RFC 3339. */
export interface DoorPapers {
  /** The owners' decision on face entry (Civil Code 278): never a consent, only the leave to offer it. */
  decision?: {
    at: string;
    /** Of site-wide papers: the doors it was about; absent for papers of one door. */
    doors?: readonly string[];
    /** Shares of area and of heads, the smaller of the two, that took part and that agreed, 0 to 1. */
    quorum?: number;
    agreed?: number;
    /** `common-parts`: the use of common parts changes, which more owners have to agree to. */
    matter?: "ordinary" | "common-parts";
    minutes?: string;
  };
  /** When a notice of this flow was published, and the signs were up at the doors. */
  notice?: { publishedAt: string; doors?: readonly string[]; facts: string; signsUp: boolean };
  /** The impact assessment (PIPL 55, GDPR 35). */
  assessment?: {
    at: string;
    /** What was deployed when it was made (`materialFacts`): anything else makes it stale. */
    facts: string;
    /** Why no other way reaches the goal: an empty answer is none. */
    necessity: string;
    /** Why everybody of the door is searched (1:N) and not one person checked (1:1); needed for 1:N only. */
    search?: string;
    /** Day by which it is looked at again, `YYYY-MM-DD`. */
    review?: string;
  };
  /** When the cameras were put to use; a notice published later was too late. */
  commissionedAt?: string;
}

/**
 * What has been decided and published outside the flow: kept by the vault's decision record, handed to the rules. What
 * stands at the top is for every door it names that has nothing of its own below `doors`.
 */
export interface Papers extends DoorPapers {
  /** Papers there are, but nobody can read them: they say nothing, and that is said. */
  unreadable?: true;
  /** Papers of single doors, by door id: doors that search (1:N) and doors that check (1:1) each have their own. */
  doors?: Readonly<Record<string, DoorPapers>>;
  /** Persons with a face stored, over all communities of the handler (Order 19, art. 15). */
  facesHeld?: number;
  /** Until when the number reached must be filed: the count of working days that began when it was. */
  fileBy?: string;
  /** When the last incident that touched faces became known: an assessment made before it is made again. */
  incidentAt?: string;
  /** Filing with the provincial authority, once the number is reached. */
  filedAt?: string;
}
