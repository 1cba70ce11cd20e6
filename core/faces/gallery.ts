import { setImmediate } from "node:timers/promises";
import { LimenError } from "../errors.ts";
import { dot } from "./calibration.ts";
import { mostPages, newMemory, pageBytes } from "./kernel.ts";
import { type Candidates, mostDimensions, rowBytes, rowsStart } from "./search.ts";
import type { FaceGallery } from "./types.ts";

/** Templates compared in one go: about a millisecond, which is what a card at a door may wait. */
const atOnce = 4096;

interface Template {
  person: string;
  rows: number[];
}

/** A person a row belonged to when a comparison was asked for: checked again before its answer counts. */
export interface RowOwner {
  template: string;
  person: string;
}

/** Who may be compared: a set, or a question asked once a person. */
export type Allowed = ReadonlySet<string> | ((person: string) => boolean);

/**
 * Templates in memory shared with the workers. A dropped template's numbers are overwritten before `drop` returns.
 * Whoever is not allowed is not in the list of rows a worker gets, so is never compared (RD-26).
 */
export class Gallery implements FaceGallery {
  readonly memory: WebAssembly.Memory = newMemory();
  readonly dimensions: number;
  readonly #templates = new Map<string, Template>();
  /** Each person's rows, of all their templates: what a look asks for, ready to copy. */
  readonly #people = new Map<string, number[]>();
  readonly #owner: (RowOwner | undefined)[] = [];
  readonly #free: number[] = [];

  /** @throws LimenError `template-mismatch` above 512 dimensions */
  constructor(dimensions: number) {
    if (dimensions < 1 || dimensions > mostDimensions) throw new LimenError("template-mismatch");
    this.dimensions = dimensions;
  }

  get templates(): number {
    return this.#templates.size;
  }

  get rows(): number {
    return this.#owner.length - this.#free.length;
  }

  people(): ReadonlySet<string> {
    return new Set(this.#people.keys());
  }

  put(template: string, person: string, vectors: readonly Float32Array[]): void {
    for (const vector of vectors) this.#check(vector);
    this.drop(template);
    const rows = vectors.map((vector) => {
      const row = this.#free.pop() ?? this.#newRow();
      this.#row(row).set(vector);
      this.#owner[row] = { template, person };
      return row;
    });
    this.#templates.set(template, { person, rows });
    this.#people.set(person, [...(this.#people.get(person) ?? []), ...rows]);
  }

  drop(template: string): boolean {
    const known = this.#templates.get(template);
    if (!known) return false;
    for (const row of known.rows) {
      this.#row(row).fill(0);
      this.#owner[row] = undefined;
      this.#free.push(row);
    }
    this.#templates.delete(template);
    const left = this.#people.get(known.person)!.filter((row) => !known.rows.includes(row));
    if (left.length === 0) this.#people.delete(known.person);
    else this.#people.set(known.person, left);
    return true;
  }

  clear(): void {
    for (const template of [...this.#templates.keys()]) this.drop(template);
  }

  rotate(matrix: Float32Array): void {
    const d = this.dimensions;
    if (matrix.length !== d * d) throw new LimenError("template-mismatch");
    const turned = new Float32Array(d);
    for (const { rows } of this.#templates.values()) {
      for (const row of rows) {
        const vector = this.#row(row);
        for (let i = 0; i < d; i++) {
          let sum = 0;
          for (let j = 0; j < d; j++) sum += matrix[i * d + j]! * vector[j]!;
          turned[i] = sum;
        }
        vector.set(turned);
      }
    }
    turned.fill(0);
  }

  /** Read where the rows lie, some thousand at a time; what is dropped meanwhile is near to nothing. */
  async nearness(vectors: readonly Float32Array[], except: string): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    let n = 0;
    for (const [template, { person, rows }] of [...this.#templates]) {
      if (++n % atOnce === 0) await setImmediate();
      if (person === except) continue;
      const scores = rows.flatMap((row) => vectors.map((vector) => dot(vector, this.#row(row))));
      if (scores.length > 0) found.set(template, Math.max(...scores));
    }
    return found;
  }

  /** The rows of those allowed. @param only in 1:1, the one person */
  candidates(allowed: Allowed, only?: string): Candidates & { names: string[] } {
    const rows = new Uint32Array(this.rows);
    const people = new Uint32Array(this.rows);
    const names: string[] = [];
    const may = typeof allowed === "function" ? allowed : (person: string) => allowed.has(person);
    let n = 0;
    const take = (person: string, own: readonly number[]) => {
      for (const row of own) {
        rows[n] = row;
        people[n++] = names.length;
      }
      names.push(person);
    };
    if (only === undefined) {
      for (const [person, own] of this.#people) if (may(person)) take(person, own);
    } else {
      const own = this.#people.get(only);
      if (own && may(only)) take(only, own);
    }
    return { rows: rows.slice(0, n), people: people.slice(0, n), names };
  }

  /** Whose a row is now; undefined once dropped. */
  ownerOf(row: number): RowOwner | undefined {
    return this.#owner[row];
  }

  #check(vector: Float32Array): void {
    let squares = 0;
    for (const value of vector) squares += value * value;
    if (vector.length !== this.dimensions || !(Math.abs(squares - 1) < 1e-3)) {
      throw new LimenError("template-mismatch", { status: 422 });
    }
  }

  #newRow(): number {
    const row = this.#owner.length;
    const end = rowsStart + (row + 1) * rowBytes(this.dimensions);
    const short = end - this.memory.buffer.byteLength;
    if (short > 0) {
      const have = this.memory.buffer.byteLength / pageBytes;
      const pages = Math.min(mostPages - have, Math.max(Math.ceil(short / pageBytes), have >> 2));
      if (pages * pageBytes < short) throw new LimenError("gallery-full", { status: 507 });
      this.memory.grow(pages);
    }
    this.#owner.push(undefined);
    return row;
  }

  #row(row: number): Float32Array {
    return new Float32Array(this.memory.buffer, rowsStart + row * rowBytes(this.dimensions), this.dimensions);
  }
}
