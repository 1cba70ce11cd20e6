import type { DatabaseSync } from "node:sqlite";
import { LimenError } from "../errors.ts";
import {
  type CopyLine,
  type ErasureOrder,
  type ErasureStep,
  type ErasureView,
  erasureSteps,
} from "./types.ts";

interface Row {
  id: string;
  plan: string;
  state: ErasureView["state"];
  key_from: number | null;
  key_to: number | null;
  others: string;
  receipt: string | null;
}

/** An erasure as it is written down. */
export interface Entry {
  order: ErasureOrder;
  state: ErasureView["state"];
  keys?: { from: number; to: number };
  others: Omit<CopyLine, "at">[];
  receipt?: string;
}

/** Erasures and their steps, in `ledger.db`. */
export class ErasureBook {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Inside the transaction of what asks for it. */
  add(order: ErasureOrder, at: Date): void {
    this.#db
      .prepare("INSERT INTO erasure (id, scope, cause, plan, state) VALUES (?, ?, ?, ?, 'running')")
      .run(order.id, order.scope, order.cause, JSON.stringify(order));
    this.done(order.id, "asked", at);
  }

  /** Takes over an erasure that another copy of this ledger did: its receipt is where it was signed. */
  keep(order: ErasureOrder): void {
    this.#db
      .prepare("INSERT OR IGNORE INTO erasure (id, scope, cause, plan, state) VALUES (?, ?, ?, ?, 'done')")
      .run(order.id, order.scope, order.cause, JSON.stringify(order));
  }

  /** @throws LimenError `erasure-unknown` */
  read(id: string): Entry {
    const row = this.#db.prepare("SELECT * FROM erasure WHERE id = ?").get(id) as Row | undefined;
    if (!row) throw new LimenError("erasure-unknown", { field: "/id", status: 404 });
    return entry(row);
  }

  unfinished(): Entry[] {
    return (
      this.#db.prepare("SELECT * FROM erasure WHERE state <> 'done' ORDER BY seq").all() as unknown as Row[]
    ).map(entry);
  }

  /** Finished ones, oldest first: what a restored backup has to be told. */
  finished(): ErasureOrder[] {
    return (
      this.#db.prepare("SELECT * FROM erasure WHERE state = 'done' ORDER BY seq").all() as unknown as Row[]
    ).map((row) => entry(row).order);
  }

  /** Ids of those that took something of this person, oldest first. */
  of(person: string): string[] {
    return this.#db
      .prepare(
        "SELECT id FROM erasure WHERE EXISTS (SELECT 1 FROM json_each(plan, '$.persons') WHERE value = ?) ORDER BY seq",
      )
      .all(person)
      .map((row) => String(row.id));
  }

  view(id: string): ErasureView {
    const { order, state, receipt } = this.read(id);
    const rows = new Map(this.#steps(id).map((row) => [row.step, row]));
    const steps = erasureSteps.map((step) => {
      const { at, problem } = rows.get(step) ?? {};
      return { step, ...(at && { at }), ...(problem && !at && { problem }) };
    });
    return { id: order.id, state, steps, ...(receipt !== undefined && { receipt }) };
  }

  isDone(id: string, step: ErasureStep): boolean {
    return this.#steps(id).some((row) => row.step === step && row.at !== null);
  }

  times(id: string): { step: ErasureStep; at: string }[] {
    const at = new Map(this.#steps(id).map((row) => [row.step, row.at]));
    return erasureSteps.flatMap((step) => {
      const time = at.get(step);
      return time ? [{ step, at: time }] : [];
    });
  }

  done(id: string, step: ErasureStep, at: Date): void {
    this.#db
      .prepare(
        `INSERT INTO erasure_step (erasure, step, at) VALUES (?, ?, ?)
         ON CONFLICT (erasure, step) DO UPDATE SET at = coalesce(at, excluded.at), problem = NULL`,
      )
      .run(id, step, at.toISOString());
  }

  /** Where the log has a step, noted after its transaction; a cut in between leaves it to be looked up. */
  setLeaf(id: string, step: ErasureStep, leaf: number): void {
    this.#db.prepare("UPDATE erasure_step SET leaf = ? WHERE erasure = ? AND step = ?").run(leaf, id, step);
  }

  leaf(id: string, step: ErasureStep): number | undefined {
    const row = this.#db
      .prepare("SELECT leaf FROM erasure_step WHERE erasure = ? AND step = ?")
      .get(id, step);
    return row?.leaf === null || row?.leaf === undefined ? undefined : Number(row.leaf);
  }

  /** @returns how often this step has failed, this time included */
  failed(id: string, step: ErasureStep, problem: string): number {
    this.#db.prepare("UPDATE erasure SET state = 'waiting' WHERE id = ?").run(id);
    const row = this.#db
      .prepare(
        `INSERT INTO erasure_step (erasure, step, problem, tries) VALUES (?, ?, ?, 1)
         ON CONFLICT (erasure, step) DO UPDATE SET problem = excluded.problem, tries = tries + 1 RETURNING tries`,
      )
      .get(id, step, problem);
    return Number(row?.tries);
  }

  setOthers(id: string, lines: Entry["others"]): void {
    this.#db.prepare("UPDATE erasure SET others = ? WHERE id = ?").run(JSON.stringify(lines), id);
  }

  setKeys(id: string, from: number, to: number): void {
    this.#db.prepare("UPDATE erasure SET key_from = ?, key_to = ? WHERE id = ?").run(from, to, id);
  }

  finish(id: string, receipt: string): void {
    this.#db.prepare("UPDATE erasure SET state = 'done', receipt = ? WHERE id = ?").run(receipt, id);
  }

  #steps(id: string): { step: ErasureStep; at: string | null; problem: string | null }[] {
    return this.#db
      .prepare("SELECT step, at, problem FROM erasure_step WHERE erasure = ?")
      .all(id) as unknown as { step: ErasureStep; at: string | null; problem: string | null }[];
  }
}

const entry = (row: Row): Entry => ({
  order: JSON.parse(row.plan) as ErasureOrder,
  state: row.state,
  others: JSON.parse(row.others) as Entry["others"],
  ...(row.key_from !== null && row.key_to !== null && { keys: { from: row.key_from, to: row.key_to } }),
  ...(row.receipt !== null && { receipt: row.receipt }),
});
