import type { Vertex } from "./types.ts";

/** The members of `node` a function may use and still be read: everything else could be a call in disguise. */
const plainMembers =
  /\bnode\s*\.\s*(?:send|done|error|warn|log|debug|trace|status|on|id|name|path|outputCount)\b/g;
const disguises =
  /\bnode\b|linkcall|\beval\b|\bFunction\b|\bimport\b|\brequire\b|\bRED\b|globalThis|\\[ux]|\b__\w+__\b|\barguments\b|\bthis\b/i;
/** The whole of a node's code that runs. */
const codeOf = ({ config }: Vertex): string =>
  [config.func, config.initialize, config.finalize].filter((part) => typeof part === "string").join("\n");

/**
 * Whether a function may hand messages to link-in nodes by name (`node.linkcall`), or hides whether it does. Reading
 * code cannot prove that it does not; what looks plain is still never trusted with an attempt (`no-leak`).
 */
export function callsByName(vertex: Vertex): boolean {
  if (vertex.type !== "function") return false;
  return disguises.test(codeOf(vertex).replace(plainMembers, ""));
}
