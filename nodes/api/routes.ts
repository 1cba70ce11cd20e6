import { accuracy } from "./resources/accuracy.ts";
import { changes } from "./resources/changes.ts";
import { codes } from "./resources/codes.ts";
import { consents } from "./resources/consents.ts";
import { credentials } from "./resources/credentials.ts";
import { decisions } from "./resources/decisions.ts";
import { doors } from "./resources/doors.ts";
import { emergencies } from "./resources/emergencies.ts";
import { erasures } from "./resources/erasures.ts";
import { events } from "./resources/events.ts";
import { faces } from "./resources/faces.ts";
import { health } from "./resources/health.ts";
import { notices } from "./resources/notices.ts";
import { office } from "./resources/office.ts";
import { oversight } from "./resources/oversight.ts";
import { passes } from "./resources/passes.ts";
import { passkeys } from "./resources/passkeys.ts";
import { persons } from "./resources/persons.ts";
import { receipts } from "./resources/receipts.ts";
import { registers } from "./resources/registers.ts";
import { requests } from "./resources/requests.ts";
import { residents } from "./resources/residents.ts";
import { sessions } from "./resources/sessions.ts";
import { slips } from "./resources/slips.ts";
import { staff } from "./resources/staff.ts";
import { taps } from "./resources/taps.ts";
import type { Route } from "./route.ts";

/** Every route there is. The router, the checks and the OpenAPI document read this table and nothing else. */
export const routes: readonly Route[] = [
  ...sessions,
  ...passkeys,
  ...staff,
  ...persons,
  ...credentials,
  ...codes,
  ...taps,
  ...passes,
  ...slips,
  ...residents,
  ...notices,
  ...consents,
  ...faces,
  ...doors,
  ...emergencies,
  ...events,
  ...erasures,
  ...receipts,
  ...office,
  ...oversight,
  ...decisions,
  ...changes,
  ...accuracy,
  ...requests,
  ...registers,
  ...health,
];
