import type { RawNode } from "./raw.ts";

/** Environment of a tab, group, subflow definition or instance, as far as a file says. */
export interface Scope {
  readonly vars: ReadonlyMap<string, EnvEntry>;
  readonly parent: Scope | undefined;
}

interface EnvEntry {
  type: string;
  value: unknown;
  /** Where the value itself is evaluated: an instance's settings belong to whoever placed it. */
  home: Scope | undefined;
}

/** A scope from Node-RED `env` lists, later ones winning. */
export function scopeOf(
  lists: ReadonlyArray<{ env: unknown; home: Scope | undefined }>,
  parent: Scope | undefined,
): Scope {
  const vars = new Map<string, EnvEntry>();
  for (const { env, home } of lists) {
    if (!Array.isArray(env)) continue;
    for (const entry of env as unknown[]) {
      if (typeof entry !== "object" || entry === null) continue;
      const { name, type, value } = entry as { name?: unknown; type?: unknown; value?: unknown };
      if (typeof name === "string")
        vars.set(name, { type: typeof type === "string" ? type : "str", value, home });
    }
  }
  return { vars, parent };
}

const deepest = 20;

function lookUp(scope: Scope | undefined, name: string, depth: number): unknown {
  if (depth > deepest) return undefined;
  if (name.startsWith("$parent.")) return lookUp(scope?.parent, name.slice(8), depth + 1);
  for (let at = scope; at; at = at.parent) {
    const entry = at.vars.get(name);
    if (entry) return evaluate(entry, depth + 1);
  }
  return undefined;
}

function evaluate(entry: EnvEntry, depth: number): unknown {
  const { type, value, home } = entry;
  switch (type) {
    case "num":
      return Number(value);
    case "bool":
      return value === true || value === "true";
    case "json":
      try {
        return JSON.parse(String(value)) as unknown;
      } catch {
        return undefined;
      }
    case "env":
      return lookUp(home, String(value), depth);
    case "cred":
    case "jsonata":
    case "bin":
      return undefined; // cannot be known from the file
    default:
      return typeof value === "string"
        ? value.replace(/\$\{([^}\s]+)\}/g, (whole, name: string) => {
            const found = lookUp(home, name, depth);
            return found === undefined ? whole : String(found);
          })
        : value;
  }
}

const whole = /^\$\{(\S+)\}$|^\$\((\S+)\)$/;

/** A setting with `${NAME}` replaced as Node-RED does at start: whole strings only, at any depth. */
export function resolve(value: unknown, scope: Scope | undefined, depth = 0): unknown {
  if (depth > deepest) return value;
  if (typeof value === "string") {
    const match = value.startsWith("$") ? whole.exec(value) : null;
    const name = match?.[1] ?? match?.[2];
    if (name === undefined) return value;
    const found = lookUp(scope, name, 0);
    return found === undefined ? value : found;
  }
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope, depth + 1));
  if (typeof value === "object" && value !== null) {
    const result: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) result[key] = resolve(item, scope, depth + 1);
    return result;
  }
  return value;
}

/** The scope of a node in groups: its innermost group's environment first. */
export function groupScope(
  node: RawNode,
  groups: ReadonlyMap<string, RawNode>,
  scope: Scope | undefined,
): Scope | undefined {
  const chain: RawNode[] = [];
  let id = node.g;
  while (typeof id === "string" && chain.length < deepest) {
    const group = groups.get(id);
    if (!group) break;
    chain.push(group);
    id = group.g;
  }
  let result = scope;
  for (const group of chain.reverse())
    if (Array.isArray(group.env)) result = scopeOf([{ env: group.env, home: result }], result);
  return result;
}

/** Whether anything in a setting refers to the environment: most nodes do not, and need no copy. */
export const mentionsEnv = (value: unknown, depth = 0): boolean =>
  typeof value === "string"
    ? value.startsWith("$")
    : typeof value === "object" && value !== null && depth < deepest
      ? Object.values(value).some((item) => mentionsEnv(item, depth + 1))
      : false;
