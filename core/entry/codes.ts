/**
 * Why an attempt was granted or denied: the closed list. Every code has a sentence in each language in
 * `core/entry/words/`, one for the door screen and one for the person's own page (RD-53).
 */
export const attemptCodes = [
  "granted",
  // sensing
  "no-such-credential",
  "credential-blocked",
  "credential-expired",
  "wrong-pin",
  "locked-out",
  "pass-invalid",
  "pass-used-up",
  "replayed",
  "card-not-genuine",
  "assurance-too-low",
  // looking
  "no-face",
  "two-faces",
  "face-too-small",
  "face-blurred",
  "face-turned",
  "face-too-dark",
  "not-live",
  "challenge-failed",
  "no-match",
  "no-clear-match",
  "nobody-enrolled",
  "camera-silent",
  "camera-frozen",
  "camera-bad-picture",
  "face-busy",
  "face-off",
  "models-missing",
  "worker-lost",
  // deciding
  "no-rights-here",
  "outside-hours",
  "holiday",
  "locked-down",
  "anti-passback",
  "interlock",
  "first-person-in",
  "credential-outside-hours",
  "not-near",
  "visitors-closed",
  "second-method-needed",
  "residency-ended",
  "unknown-door",
  "no-entry-rule",
  "flow-unlawful",
  // consent
  "no-consent",
  "consent-withdrawn",
  "consent-refused",
  "consent-suspended",
  "consent-expired",
  // the ticket and the relay
  "too-late",
  "ticket-unknown",
  "ticket-used",
  "ticket-wrong-door",
  "relay-failed",
  "vault-away",
  "log-failed",
] as const;

export type AttemptCode = (typeof attemptCodes)[number];
