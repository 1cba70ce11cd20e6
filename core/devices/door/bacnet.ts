import type { AttemptCode } from "../../entry/codes.ts";

/**
 * Our codes in the words of BACnet (ISO 16484-5, BACnetAccessEvent), for building systems. Coarser on purpose: all that
 * is about a face or a consent is `denied-other`, so that nobody learns from outside who declined one.
 */
const denials: Partial<Record<AttemptCode, string>> = {
  "no-such-credential": "denied-unknown-credential",
  "credential-blocked": "denied-credential-manual-disable",
  "credential-expired": "denied-credential-expired",
  "wrong-pin": "denied-incorrect-authentication-factor",
  "locked-out": "denied-max-attempts",
  "pass-invalid": "denied-credential-expired",
  "pass-used-up": "denied-credential-max-uses",
  "card-not-genuine": "denied-incorrect-authentication-factor",
  "assurance-too-low": "denied-incorrect-authentication-factor",
  "no-rights-here": "denied-point-no-access-rights",
  "outside-hours": "denied-out-of-time-range",
  holiday: "denied-out-of-time-range",
  "credential-outside-hours": "denied-out-of-time-range",
  "visitors-closed": "denied-out-of-time-range",
  "locked-down": "denied-lockout",
  "anti-passback": "denied-passback",
  "first-person-in": "denied-no-accompaniment",
  "second-method-needed": "verification-required",
  "residency-ended": "denied-no-access-rights",
  "relay-failed": "out-of-service",
  "vault-away": "out-of-service",
};

/** An attempt's end as a BACnetAccessEvent. A threat is not among them: whoever watches a wall tablet may be the one. */
export const accessEventOf = (code: AttemptCode): string =>
  code === "granted" ? "granted" : (denials[code] ?? "denied-other");

/** What a door did as a BACnetDoorAlarmState or, where a person did it, a BACnetAccessEvent; silent kinds have none. */
const doorEvents: Readonly<Record<string, string>> = {
  closed: "normal",
  forced: "forced-open",
  held: "door-open-too-long",
  "not-taken": "no-entry-after-grant",
  exit: "egress-open",
  fire: "free-access",
  "fire-reset": "normal",
  tamper: "tamper",
  "relay-failed": "door-fault",
  "relay-stuck": "lock-fault",
  "relay-unasked": "alarm",
  "relay-silent": "lock-fault",
  "relay-rests": "normal",
  "reader-silent": "out-of-service",
  "reader-back": "out-of-service-relinquished",
  "not-watched": "normal",
};

/** @returns undefined for what a building system is not told: a threat, deploys, cameras */
export const doorEventOf = (kind: string): string | undefined => doorEvents[kind];
