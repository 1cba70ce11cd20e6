import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";
import { accuracyVerbs } from "./accuracy.ts";
import { breachVerbs } from "./breaches.ts";
import { changeVerbs } from "./changes.ts";
import { chipVerbs } from "./chips.ts";
import { codeVerbs } from "./codes.ts";
import { consent } from "./consent.ts";
import { consentVerbs } from "./consents.ts";
import { decide } from "./decide.ts";
import { decisionVerbs } from "./decisions.ts";
import { disclosureVerbs } from "./disclosures.ts";
import { doorVerbs } from "./doors.ts";
import { emergencyVerbs } from "./emergencies.ts";
import { erasureVerbs } from "./erasures.ts";
import { eventVerbs } from "./event.ts";
import { evidenceVerbs } from "./evidence.ts";
import { faceVerbs } from "./faces.ts";
import { identify } from "./identify.ts";
import { match } from "./match.ts";
import { minorVerbs } from "./minors.ts";
import { officeVerbs } from "./office.ts";
import { oversightVerbs } from "./oversight.ts";
import { passVerbs } from "./passes.ts";
import { passkeyVerbs } from "./passkeys.ts";
import { peopleVerbs } from "./people.ts";
import { processorVerbs } from "./processors.ts";
import { readerPairing } from "./reader-pairing.ts";
import { record } from "./record.ts";
import { redeem } from "./redeem.ts";
import { requestVerbs } from "./requests.ts";
import { residentVerbs } from "./residents.ts";
import { siteVerbs } from "./site.ts";
import { slipVerbs } from "./slips.ts";
import { staffVerbs } from "./staff.ts";
import { tapVerbs } from "./taps.ts";
import { thresholdVerbs } from "./threshold.ts";

/** Every verb of the protocol; the type makes a missing one a compile error. */
export const handlersOf = (services: Services): Handlers => ({
  identify: identify(services),
  match: match(services),
  decide: decide(services),
  consent: consent(services),
  record: record(services),
  redeem: redeem(services),
  ...eventVerbs(services),
  "reader.pairing": readerPairing(services),
  ...siteVerbs(services),
  ...doorVerbs(services),
  ...staffVerbs(services),
  ...passkeyVerbs(services),
  ...peopleVerbs(services),
  ...codeVerbs(services),
  ...emergencyVerbs(services),
  ...passVerbs(services),
  ...slipVerbs(services),
  ...officeVerbs(services),
  ...oversightVerbs(services),
  ...decisionVerbs(services),
  ...requestVerbs(services),
  ...minorVerbs(services),
  ...processorVerbs(services),
  ...disclosureVerbs(services),
  ...breachVerbs(services),
  ...evidenceVerbs(services),
  ...accuracyVerbs(services),
  ...changeVerbs(services),
  ...tapVerbs(services),
  ...thresholdVerbs(services),
  ...chipVerbs(services),
  ...residentVerbs(services),
  ...consentVerbs(services),
  ...faceVerbs(services),
  ...erasureVerbs(services),
});
