/** `refuse` keeps a deploy from being saved and disarms what was saved behind our back; `advise` only says so. */
export type Severity = "refuse" | "advise";

/** One thing a flow rule has against a flow. Everything in it may be shown, logged and recorded: no personal data. */
export interface Finding {
  /** Id of the rule; its sentence is `rule.<id>`, the way to put it right `rule.<id>.hint`. */
  rule: string;
  severity: Severity;
  /** Id of the node at fault, as the editor knows it (a node inside a subflow: its id in the subflow). */
  node: string;
  /** Id of the door concerned (as typed by the installer), where there is one. */
  door?: string;
  /** Statutes and standards behind it, or the need the reports voiced. */
  article: readonly string[];
  /** Fills the sentence's placeholders: labels, numbers and fixed words. */
  params: Readonly<Record<string, string | number>>;
}

/** What a deploy is refused for. */
export const refusals = (findings: readonly Finding[]): Finding[] =>
  findings.filter((finding) => finding.severity === "refuse");

/** The shape the vault's `configure` takes: what is refused, and only that. */
export const forVault = (
  findings: readonly Finding[],
): Array<{ rule: string; node: string; door?: string }> =>
  refusals(findings)
    .slice(0, 500)
    .map(({ rule, node, door }) => (door === undefined ? { rule, node } : { rule, node, door }));
