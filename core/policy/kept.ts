import { readGraph } from "./graph/graph.ts";

export interface Kept {
  class: string;
  days: number;
}

/**
 * For how long a flow keeps each class of data: the longest any of its running rules says, so nothing is promised that one
 * of them does not do. A class no rule erases is not in the list.
 */
export function keptDays(flow: readonly object[]): Kept[] {
  const days = new Map<string, number>();
  for (const { config } of readGraph(flow).of("retention-rule")) {
    const [kind, kept] = [String(config.class ?? "entry-events"), Number(config.days)];
    if (config.mode === "preview" || !(kept > 0)) continue;
    days.set(kind, Math.max(kept, days.get(kind) ?? 0));
  }
  return [...days].map(([kind, kept]) => ({ class: kind, days: kept }));
}
