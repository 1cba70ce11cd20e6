/** A pack of bounds: China, the European Union, Illinois. */
export const packIds = ["cn", "eu", "us-il"] as const;
export type PackId = (typeof packIds)[number];

/**
 * What has been decided and published outside the flow: kept by the manager's pages, handed to the rules. All times
 * RFC 3339 with offset. Something absent has not happened.
 */
export interface Papers {
  /** Papers there are, but nobody can read them: they say nothing, and that is said. */
  unreadable?: true;
  /** The owners' decision on face entry (Civil Code 278): never a consent, only the leave to offer it. */
  decision?: {
    at: string;
    doors: readonly string[];
    /** Shares of area and of heads that took part and that agreed, 0 to 1. */
    quorum?: number;
    agreed?: number;
    minutes?: string;
  };
  /** When a notice of this flow was published, and the signs were up at the doors. */
  notice?: { publishedAt: string; doors: readonly string[]; facts: string; signsUp: boolean };
  /** The impact assessment (PIPL 55, GDPR 35). */
  assessment?: {
    at: string;
    /** What was deployed when it was made (`materialFacts`): anything else makes it stale. */
    facts: string;
    /** Why no other way reaches the goal: an empty answer is none. */
    necessity: string;
    /** Why everybody of the door is searched (1:N) and not one person checked (1:1); needed for 1:N only. */
    search?: string;
  };
  /** When the cameras were put to use; a notice published later was too late. */
  commissionedAt?: string;
  /** Persons with a face stored, over all communities of the handler (Order 19, art. 15). */
  facesHeld?: number;
  /** Filing with the provincial authority, once above the threshold. */
  filedAt?: string;
}
