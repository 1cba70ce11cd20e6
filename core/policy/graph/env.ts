import type { RawNode } from "./raw.ts";

/** Environment of a tab, group, subflow definition or instance, as far as a file says. */
export interface Scope {
  readonly vars: ReadonlyMap<string, EnvEntry>;
  readonly parent: Scope | undefined;
}

interface EnvEntry {
  /** As in the file; `name` for what Node-RED itself knows, taken as it is. */
  type: string;
  value: unknown;
  /** Where the value itself is evaluated: an instance's settings belong to whoever placed it. */
  home: Scope | undefined;
}

/** A scope from Node-RED `env` lists, later ones winning, and the names Node-RED itself answers with before any of them. */
export function scopeOf(
  lists: ReadonlyArray<{ env: unknown; home: Scope | undefined }>,
  parent: Scope | undefined,
  names: Readonly<Record<string, unknown>> = {},
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
  for (const [name, value] of Object.entries(names)) vars.set(name, { type: "name", value, home: parent });
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
    case "name":
      return typeof value === "string" && !isReference(value) ? value : undefined;
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

const isReference = (text: string): boolean => whole.test(text);
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
    result = scopeOf([{ env: group.env, home: result }], result, {
      NR_GROUP_NAME: group.name,
      NR_GROUP_ID: group.id,
    });
  return result;
}

/** What a node's own settings may name of the node itself: Node-RED looks there before anywhere else. */
export const ownScope = (node: RawNode, id: string, scope: Scope | undefined): Scope =>
  scopeOf([], scope, {
    NR_NODE_NAME: resolve(node.name, scope),
    NR_NODE_ID: id,
    NR_NODE_PATH: undefined, // known while running only
  });

/** Fields that settle nothing, and wires, which are looked at as such. */
const aside = new Set(["id", "type", "z", "g", "name", "label", "info", "wires"]);

/** The first setting that still names the environment, when all that the file says is filled in. */
export function unresolved(config: RawNode): string | undefined {
  const [field] =
    Object.entries(config).find(([name, value]) => !aside.has(name) && mentionsReference(value)) ?? [];
  return field;
}

const mentionsReference = (value: unknown, depth = 0): boolean =>
  typeof value === "string"
    ? value.startsWith("$") && isReference(value)
    : typeof value === "object" && value !== null && depth < deepest
      ? Object.values(value).some((item) => mentionsReference(item, depth + 1))
      : false;

/** Whether anything in a setting refers to the environment: most nodes do not, and need no copy. */
export const mentionsEnv = (value: unknown, depth = 0): boolean =>
  typeof value === "string"
    ? value.startsWith("$")
    : typeof value === "object" && value !== null && depth < deepest
      ? Object.values(value).some((item) => mentionsEnv(item, depth + 1))
      : false;
