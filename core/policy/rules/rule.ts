import type { Papers } from "../context.ts";
import type { Finding, Severity } from "../finding.ts";
import type { Graph } from "../graph/types.ts";
import type { NodeCheck } from "../lint.ts";
import type { Pack } from "../packs.ts";

export interface RuleContext {
  readonly pack: Pack;
  readonly papers: Papers | undefined;
  readonly now: string | undefined;
  readonly nodeFault?: NodeCheck | undefined;
}

/** What one check says; the engine adds the rule's own id, severity and articles where it gives none. */
export type Hit = Pick<Finding, "node" | "params"> & Partial<Pick<Finding, "door" | "article" | "severity">>;

/** One flow rule. Its sentence is `rule.<id>`, what to do about it `rule.<id>.hint`, in every language. */
export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  /** Statutes as cited, or the need the newspaper reports voiced (`report: …`). */
  readonly article: readonly string[];
  check(graph: Graph, context: RuleContext): Hit[];
}
