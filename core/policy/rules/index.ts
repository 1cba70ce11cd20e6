import { anotherWay } from "./another-way.ts";
import { consentBeforeFace } from "./consent-before-face.ts";
import { deliberateAct } from "./deliberate-act.ts";
import { doorsOnly } from "./doors-only.ts";
import { emergencyEnds } from "./emergency-ends.ts";
import { equalWays } from "./equal-ways.ts";
import { fireWired } from "./fire-wired.ts";
import { homeNeverWaits } from "./home-never-waits.ts";
import { noAdverts } from "./no-adverts.ts";
import { noLeak } from "./no-leak.ts";
import { noTenureRule } from "./no-tenure-rule.ts";
import { noticeInForce } from "./notice-in-force.ts";
import { plainNotice } from "./plain-notice.ts";
import { readableFlow } from "./readable-flow.ts";
import { recordBeforeAct } from "./record-before-act.ts";
import { retentionStated } from "./retention-stated.ts";
import type { Rule } from "./rule.ts";
import { safeRelay } from "./safe-relay.ts";
import { stayInside } from "./stay-inside.ts";
import { visitorsWithoutFace } from "./visitors-without-face.ts";

/** Every flow rule, in the order findings are listed: what shuts people out first. */
export const rules: readonly Rule[] = [
  readableFlow,
  anotherWay,
  equalWays,
  emergencyEnds,
  homeNeverWaits,
  visitorsWithoutFace,
  noTenureRule,
  consentBeforeFace,
  deliberateAct,
  doorsOnly,
  recordBeforeAct,
  safeRelay,
  noLeak,
  stayInside,
  retentionStated,
  noAdverts,
  plainNotice,
  noticeInForce,
  fireWired,
];
