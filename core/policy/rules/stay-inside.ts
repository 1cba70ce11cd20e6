import type { Vertex } from "../graph/types.ts";
import type { Rule } from "./rule.ts";

/** Nodes whose whole point is another program or another machine's commands. */
const programs = /^(?:exec|daemon|pm2|ssh|bigexec|python\w*-function|shell|spawn)\b/;
/**
 * Words no function at a door needs: each is a known way from the sandbox of a function node to the process around it
 * (any host function's `constructor` makes code outside), or to code that cannot be read here.
 */
const ways =
  /\bconstructor\b|\b__proto__\b|\bprototype\b|\bgetPrototypeOf\b|\bchild_process\b|\bmainModule\b|\bglobalThis\b|\beval\b|\bWebAssembly\b|\bprocess\s*(?:\.|\[)|\brequire\s*\(|\bimport\s*\(|\bFunction\s*\(|\bReflect\b|\bcallee\b|\bfromCharCode\b|\bfromCodePoint\b|\batob\b|\\[ux]/;
/** A name put together from pieces: the words above, unreadable. */
const pieces = /["'`][\s\S]*(?:\+|\.\s*\w+\s*\()|\+\s*["'`]|\$\{/;
const comments = /\/\*[\s\S]*?\*\/|(?<=^|[\s;{}])\/\/[^\n]*/gu;

const codeOf = ({ config }: Vertex): string =>
  [config.func, config.initialize, config.finalize]
    .filter((part) => typeof part === "string")
    .join("\n")
    .replace(comments, "");

/** Characters between brackets that are looked at: nobody writes a longer index. */
const longestName = 400;

/** Whether some property's name is put together where it is used (`x["con" + "structor"]`). */
function assembles(code: string): boolean {
  for (const { index } of code.matchAll(/(?<=[\w)\]?.]\s*)\[/g)) {
    let depth = 0;
    let end = index;
    do {
      if (code[end] === "[") depth++;
      if (code[end] === "]") depth--;
      end++;
    } while (depth > 0 && end < code.length && end - index < longestName);
    if (pieces.test(code.slice(index + 1, end - 1))) return true;
  }
  return false;
}

function reaches(vertex: Vertex): { variant: string; word: string } | undefined {
  const { type, config } = vertex;
  if (programs.test(type)) return { variant: "program", word: type };
  if (type !== "function") return undefined;
  if (Array.isArray(config.libs) && config.libs.length > 0) return { variant: "module", word: "" };
  const code = codeOf(vertex);
  const word = ways.exec(code)?.[0] ?? (assembles(code) ? "[… + …]" : undefined);
  return word === undefined ? undefined : { variant: "escape", word: word.trim() };
}

/**
 * No node starts a program, and no function reaches out of its sandbox into the process that works the doors (RD-34). What
 * hides better than this can read is why the vault believes no flow, and why the code of a change is shown to a second person.
 */
export const stayInside: Rule = {
  id: "stay-inside",
  severity: "refuse",
  article: ["PIPL 51, 59", "Order 19 (2025) art. 8", "GDPR 32", "GB/T 22239-2019 8.1.4"],
  check: (graph) =>
    graph.vertices.flatMap((vertex) => {
      const found = reaches(vertex);
      return found ? [{ node: vertex.id, params: { node: vertex.label, ...found } }] : [];
    }),
};
