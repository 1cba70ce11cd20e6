import type { Papers } from "../context.ts";
import { noDiff } from "./diff.ts";
import { shown } from "./reveal.ts";
import type { FlowDiff, PropertyChange } from "./schema.ts";

/** What somebody wrote in their own words: that it changed is told, not the words. */
const written = new Set(["minutes", "necessity", "search"]);
const deepest = 4;

/** Leaves of a JSON tree by their path: `notice.publishedAt`. */
function leaves(value: unknown, path: string, into: Map<string, unknown>, depth = 0): Map<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value) || depth >= deepest) {
    if (value !== undefined) into.set(path, value);
    return into;
  }
  for (const [name, inner] of Object.entries(value))
    leaves(inner, path === "" ? name : `${path}.${name}`, into, depth + 1);
  return into;
}

/** What is different in the papers of a site: decisions, publications, periods, by the path of each field. */
export function papersDiff(before: Papers | undefined, after: Papers | undefined): FlowDiff {
  const [old, next] = [leaves(before, "", new Map()), leaves(after, "", new Map())];
  const changes = [...new Set([...old.keys(), ...next.keys()])].flatMap((path): PropertyChange[] => {
    const [was, is] = [shown(old.get(path)), shown(next.get(path))];
    if (JSON.stringify(old.get(path)) === JSON.stringify(next.get(path))) return [];
    const name = path.slice(0, 80);
    if (written.has(path.split(".").at(-1)!)) return [{ name, hidden: true }];
    return [
      { name, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) },
    ];
  });
  return { ...noDiff, papers: changes.slice(0, 100) };
}
