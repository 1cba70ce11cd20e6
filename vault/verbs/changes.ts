import { setImmediate } from "node:timers/promises";
import type { FieldValue, ReadEntry } from "../../core/audit/types.ts";
import { LimenError } from "../../core/errors.ts";
import type { FlowDiff } from "../../core/policy/changes/schema.ts";
import type { Staged } from "../changes.ts";
import type { Actor, Handlers } from "../handlers.ts";
import { type Change, type ChangeKind, changeKinds, type Waiting } from "../protocol/changes.ts";
import type { Services } from "../services.ts";

type Verbs =
  | "change.record"
  | "change.forget"
  | "change.stage"
  | "change.approve"
  | "change.reject"
  | "change.list"
  | "change.read"
  | "change.override"
  | "change.accept";

/** How such an entry is told from the other entries of its class. */
const prefix = "flow-";
/** Entries looked through for one page of changes: settings and staff are recorded in the same class. */
const mostRead = 2000;
/** So many of them in one turn. */
const atOnce = 25;

interface Told {
  by?: string;
  role?: string;
  second?: string;
  before?: string | undefined;
  after?: string | undefined;
  how?: string;
  rules?: readonly string[] | undefined;
  reason?: string;
  of?: number | undefined;
  diff?: FlowDiff | undefined;
}

/** Deploys and policy changes: recorded, staged, decided, read back. */
export function changeVerbs(services: Services): Pick<Handlers, Verbs> {
  const { broadcast, changes, clock, log, signIn, site } = services;

  const book = new ChangeLeaves(services);

  const record = async (kind: ChangeKind, { rules, diff, of, ...told }: Told): Promise<number> => {
    const at = clock.now();
    const fields: Record<string, FieldValue> = { at: at.toISOString(), what: `${prefix}${kind}` };
    for (const [name, value] of Object.entries(told)) if (value !== undefined) fields[name] = value;
    if (rules && rules.length > 0) fields.rules = rules.join(" ");
    if (of !== undefined) fields.of = of;
    if (diff) fields.diff = JSON.stringify(diff);
    const { index } = await log.append({ class: "configuration", at, fields });
    book.add(index);
    return index;
  };

  const end = async (kind: "rejected" | "expired", staged: Staged, told: Told = {}): Promise<void> => {
    changes.remove(staged.leaf);
    await record(kind, { of: staged.leaf, before: staged.before, after: staged.after, ...told });
    broadcast({ event: "change", kind, change: staged.leaf });
  };

  const prune = async (): Promise<void> => {
    for (const staged of changes.over()) await end("expired", staged);
  };

  /** @throws LimenError `change-gone` for one that is decided, over or unknown */
  const waiting = async (id: number): Promise<Staged> => {
    await prune();
    const staged = changes.find(id);
    if (!staged || staged.agreed !== null) throw new LimenError("change-gone", { field: "/id", status: 410 });
    return staged;
  };

  const mayDecide = ({ owner }: Staged, actor: Actor): boolean => changes.personOf(actor.id) !== owner;

  const agree = async (kind: "approved" | "overridden", staged: Staged, told: Told) => {
    await record(kind, {
      of: staged.leaf,
      by: staged.name,
      role: staged.role,
      before: staged.before,
      after: staged.after,
      ...told,
    });
    changes.agree(staged.leaf, told.second ?? "");
    broadcast({ event: "change", kind: "approved", change: staged.leaf });
    return { id: staged.leaf, after: staged.after };
  };

  return {
    async "change.record"({ kind, auth, of, ...told }) {
      const who = auth === undefined ? {} : nameOf(signIn.check(auth));
      const staged = kind === "deployed" && of !== undefined ? changes.find(of) : undefined;
      const carried = staged && told.after !== undefined && changes.carriedOut(staged.leaf, told.after);
      const two = carried ? { by: staged.name, role: staged.role, second: staged.agreed ?? "" } : {};
      const id = await record(kind, { ...told, of, ...who, ...two });
      if (kind === "deployed")
        // what was staged was staged on another flow
        for (const other of changes.all()) await end("expired", other);
      broadcast({ event: "change", kind: "recorded", change: id });
      return { id, origin: log.origin };
    },

    async "change.forget"() {
      const gone = changes.all();
      for (const staged of gone) await end("expired", staged);
      return { forgotten: gone.length };
    },

    async "change.stage"({ how, before, after, diff }, { actor }) {
      await prune();
      changes.requireRoom();
      const { by, role } = nameOf(actor);
      const leaf = await record("staged", { how, before, after, diff, by, role });
      const staged = changes.add({ leaf, owner: changes.personOf(actor.id), name: by, role, before, after });
      broadcast({ event: "change", kind: "staged", change: leaf });
      return { id: leaf, expires: new Date(staged.expires).toISOString() };
    },

    async "change.approve"({ id }, { actor }) {
      const staged = await waiting(id);
      if (!mayDecide(staged, actor)) throw new LimenError("same-person", { status: 403 });
      return await agree("approved", staged, { second: nameOf(actor).by });
    },

    async "change.reject"({ id }, { actor }) {
      const staged = await waiting(id);
      await end("rejected", staged, nameOf(actor));
      return { id };
    },

    async "change.override"({ id, reason }) {
      const staged = await waiting(id);
      return await agree("overridden", staged, { second: "operator", how: "operator", reason });
    },

    async "change.accept"({ reason }) {
      const after = site.flowHash;
      if (after === undefined) throw new LimenError("not-configured", { status: 409 });
      const id = await record("accepted", { by: "operator", how: "operator", after, reason });
      changes.take(after, site.config.twoPersons ?? false);
      broadcast({ event: "change", kind: "accepted", change: id, hash: after });
      return { id, after };
    },

    async "change.list"({ limit, before }, { actor }) {
      await prune();
      const list = changes.waiting().map(
        (staged): Waiting => ({
          id: staged.leaf,
          by: staged.name,
          role: staged.role,
          since: new Date(staged.since).toISOString(),
          expires: new Date(staged.expires).toISOString(),
          before: staged.before,
          after: staged.after,
          mine: !mayDecide(staged, actor),
        }),
      );
      return { waiting: list, changes: await book.page(limit, before) };
    },

    "change.read"({ id }) {
      const entry = id < log.size ? log.read(id) : undefined;
      const change = entry && changeOf(entry);
      if (!change) throw new LimenError("change-unknown", { field: "/id", status: 404 });
      const diff = entry?.fields?.diff;
      return typeof diff === "string" ? { ...change, diff: JSON.parse(diff) as FlowDiff } : change;
    },
  };
}

const nameOf = ({ name, role }: Pick<Actor, "name" | "role">): { by: string; role: string } => ({
  by: name,
  role,
});

/** Where the record tells of changes: each stretch of it is looked through once, from the newest entry on. */
class ChangeLeaves {
  readonly #log: Services["log"];
  readonly #leaves = new Set<number>();
  /** Everything from here on was looked through; 0: all there is. */
  #from = Number.MAX_SAFE_INTEGER;

  constructor({ log }: Pick<Services, "log">) {
    this.#log = log;
  }

  add(leaf: number): void {
    this.#leaves.add(leaf);
  }

  /** @param before only what is older than this leaf @returns newest first */
  async page(limit: number, before = Number.MAX_SAFE_INTEGER): Promise<Change[]> {
    for (let read = 0; read < mostRead && this.#from > 0; read += atOnce) {
      if (this.#older(before).length >= limit) break;
      this.#lookOn();
      await setImmediate(); // opening some entries takes a few milliseconds, which is what a card at a door may wait
    }
    const found: Change[] = [];
    for (const leaf of this.#older(before)) {
      if (found.length >= limit) break;
      const entry = this.#log.read(leaf);
      const change = entry && changeOf(entry);
      if (change) found.push(change);
      else this.#leaves.delete(leaf); // its day is over
    }
    return found;
  }

  #older(before: number): number[] {
    return [...this.#leaves].filter((leaf) => leaf < before).sort((a, b) => b - a);
  }

  #lookOn(): void {
    const some = this.#log.query({ classes: ["configuration"], limit: atOnce, before: this.#from });
    for (const entry of some) if (changeOf(entry)) this.#leaves.add(entry.index);
    this.#from = some.length < atOnce ? 0 : some.at(-1)!.index;
  }
}

/** An entry as a change; undefined for another kind of entry, and for one whose day is over. */
function changeOf({ index, day, class: kind, fields }: ReadEntry): Change | undefined {
  const what = kind === "configuration" && typeof fields?.what === "string" ? fields.what : "";
  const told = changeKinds.find((each) => what === `${prefix}${each}`);
  if (!told || !fields) return undefined;
  const texts = ["at", "how", "by", "role", "second", "before", "after", "reason"].flatMap((name) =>
    typeof fields[name] === "string" ? [[name, fields[name]]] : [],
  );
  return {
    id: index,
    day,
    kind: told,
    rules: typeof fields.rules === "string" ? fields.rules.split(" ") : [],
    ...(typeof fields.of === "number" ? { of: fields.of } : {}),
    ...(Object.fromEntries(texts) as object),
  };
}
