import type { Finding } from "./finding.ts";

/** Settings that put a finding right, where nothing has to be wired or decided for it. */
export interface Fix {
  /** Id of the node, as in the finding. */
  node: string;
  settings: Readonly<Record<string, string | number | boolean>>;
}

/** What of a finding's variant can be put right by settings alone. */
const fixes: Readonly<Record<string, (params: Finding["params"]) => Fix["settings"] | undefined>> = {
  "safe-relay.retained": () => ({ retain: "false" }),
  "no-leak.attempt.debug": () => ({ active: false }),
  "no-leak.attempt.log": () => ({ console: "false", active: false }),
  "no-leak.attempt.status": () => ({ tostatus: false }),
  "no-leak.reading.status": () => ({ tostatus: false }),
  "no-leak.reading.debug": () => ({ active: false }),
  "no-leak.reading.log": () => ({ console: "false", active: false }),
  "retention-stated.below": ({ bound }) => (typeof bound === "number" ? { days: bound } : undefined),
  "retention-stated.above": ({ bound }) => (typeof bound === "number" ? { days: bound } : undefined),
  "equal-ways.fee": ({ face }) => (typeof face === "number" ? { feeOther: face } : undefined),
};

/** The fix that an installer can be offered at a click; undefined where only they know what the door should do. */
export function fixOf({ rule, node, params }: Finding): Fix | undefined {
  const settings = fixes[`${rule}.${params.variant}`]?.(params);
  return settings && { node, settings };
}
