import type { Static } from "../../core/schema.ts";
import { accuracyVerbs } from "./accuracy.ts";
import { changeVerbs } from "./changes.ts";
import { chipVerbs } from "./chips.ts";
import { codeVerbs } from "./codes.ts";
import { consentVerbs } from "./consents.ts";
import { decisionVerbs } from "./decisions.ts";
import { emergencyVerbs } from "./emergencies.ts";
import { entryVerbs } from "./entry.ts";
import { oversightVerbs } from "./oversight.ts";
import { peopleVerbs } from "./people.ts";
import { registerVerbs } from "./registers.ts";
import { rightsVerbs } from "./rights.ts";
import { signInVerbs } from "./sign-in.ts";
import { siteVerbs } from "./site.ts";
import { slipVerbs } from "./slips.ts";
import { tapVerbs } from "./taps.ts";
import { thresholdVerbs } from "./threshold.ts";

/** Everything the vault can be asked. No verb exports a template, a picture, a key or a card number. */
export const verbs = {
  ...entryVerbs,
  ...siteVerbs,
  ...signInVerbs,
  ...peopleVerbs,
  ...codeVerbs,
  ...slipVerbs,
  ...emergencyVerbs,
  ...consentVerbs,
  ...oversightVerbs,
  ...decisionVerbs,
  ...rightsVerbs,
  ...registerVerbs,
  ...accuracyVerbs,
  ...changeVerbs,
  ...tapVerbs,
  ...thresholdVerbs,
  ...chipVerbs,
} as const;

export type VerbName = keyof typeof verbs;
export type Request<V extends VerbName> = Static<(typeof verbs)[V]["request"]>;
export type Answer<V extends VerbName> = Static<(typeof verbs)[V]["answer"]>;

/** What the vault tells everyone who is connected, unasked. */
export type VaultEvent =
  /**
   * `language`: what the person at the door reads first, for the words at that door alone. It is beside the attempt and
   * not in it, so that no wire carries it.
   */
  | {
      event: "attempt";
      attempt: import("../../core/entry/attempt.ts").EntryAttempt;
      language?: import("../../core/people/types.ts").Language;
    }
  | { event: "door"; door: string; kind: string; attempt?: string }
  | { event: "models"; ready: boolean; progress?: number }
  /**
   * `ask`: what whoever was recognised there is asked to do now. `hint`: what is wrong with the newest picture; null: nothing
   * any more. `screen`: the look is through the door screen's own camera, which gives pictures while it runs.
   */
  | {
      event: "look";
      camera: string;
      running: boolean;
      door?: string;
      ask?: "turn-left" | "turn-right";
      hint?: import("../../core/faces/types.ts").LookHint | null;
      screen?: true;
    }
  /** A change of the flow was put up, decided or, by the operator, taken as it runs. */
  | {
      event: "change";
      kind: "recorded" | "staged" | "approved" | "rejected" | "expired" | "accepted";
      change: number;
      hash?: string;
    };
