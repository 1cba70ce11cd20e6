import type { Rule } from "./rule.ts";

/** A flow that cannot be read whole cannot be judged: two nodes of one id, a subflow inside itself, a wire to nowhere. */
export const readableFlow: Rule = {
  id: "readable-flow",
  severity: "refuse",
  article: ["PIPL 51", "report: nobody could say what the system really did"],
  check: (graph) => graph.problems.map(({ kind, node }) => ({ node, params: { variant: kind, node } })),
};
