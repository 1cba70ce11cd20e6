import type { DatabaseSync } from "node:sqlite";
import type { AuditLog } from "../core/audit/types.ts";
import type { Clock } from "../core/clock.ts";
import { LimenError } from "../core/errors.ts";
import { renewal, rotationMatrix } from "../core/faces/rotation.ts";
import type { Templates } from "../core/faces/templates.ts";
import type { EmbedderIdentity, FaceEngine } from "../core/faces/types.ts";
import { truncateWal } from "../core/store/database.ts";
import { migrate } from "../core/store/migrate.ts";
import type { KeyRing } from "../core/store/types.ts";

const migrations = [
  {
    version: 1,
    name: "epoch of the rotation",
    sql: `
      CREATE TABLE face_rotation (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL) STRICT;
      INSERT INTO face_rotation VALUES (1, 1);
    `,
  },
];

export interface RotationDeps {
  ledger: DatabaseSync;
  faces: DatabaseSync;
  keys: Pick<KeyRing, "secret">;
  log: Pick<AuditLog, "appendWith">;
  templates: Templates;
  clock: Clock;
}

/**
 * The epoch of the secret rotation that every template is under. A renewal is decided in one transaction of `ledger.db`
 * and carried out in one of `faces.db`: after a cut between the two the next start carries it out.
 */
export class Rotation {
  readonly #deps: RotationDeps;
  #epoch: number;
  #enrolling = 0;

  constructor(deps: RotationDeps) {
    this.#deps = deps;
    migrate(deps.ledger, "rotation", migrations);
    this.#epoch = Number(deps.ledger.prepare("SELECT epoch FROM face_rotation").get()!.epoch);
  }

  /** Of the vectors in memory, and of those that are made now. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Brings an engine its rotation and every template; templates of another epoch are brought to this one first. */
  furnish(engine: FaceEngine, embedder: EmbedderIdentity): { outdated: readonly string[] } {
    this.#carryOut(embedder);
    engine.useRotation(this.#matrix(this.#epoch, embedder));
    return this.#deps.templates.load(engine.gallery, embedder, this.#epoch);
  }

  /** Work with new vectors, during which no renewal may come between their making and their storing. */
  async enrolling<T>(work: () => Promise<T>): Promise<T> {
    this.#enrolling++;
    try {
      return await work();
    } finally {
      this.#enrolling--;
    }
  }

  /**
   * Counts the epoch up: every template, stored and in memory, is turned by the matrix from the old rotation to the new one.
   * Nobody enrols again, and vectors of before compare with nothing any more.
   * @throws LimenError `face-busy` while somebody is being enrolled, `log-failed`
   */
  renew(engine: FaceEngine, by: string): { epoch: number; templates: number } {
    if (this.#enrolling > 0) throw new LimenError("face-busy", { status: 409 });
    const { ledger, faces, log, clock } = this.#deps;
    const embedder = engine.embedder!;
    const from = this.#epoch;
    const epoch = from + 1;
    const at = clock.now();
    const fields = { at: at.toISOString(), what: "faces-renewed", by, epoch };
    log.appendWith([{ class: "configuration", at, fields }], () => {
      ledger.prepare("UPDATE face_rotation SET epoch = ?").run(epoch);
    });
    const templates = this.#turn(embedder, from, epoch, (matrix) => engine.gallery.rotate(matrix));
    engine.useRotation(this.#matrix(epoch, embedder));
    this.#epoch = epoch;
    truncateWal(faces);
    return { epoch, templates };
  }

  #carryOut(embedder: EmbedderIdentity): void {
    const { faces, templates } = this.#deps;
    const others = templates.epochs(embedder).filter((epoch) => epoch !== this.#epoch);
    for (const other of others) this.#turn(embedder, other, this.#epoch);
    if (others.length > 0) truncateWal(faces);
  }

  /** @param then what else is turned, once the templates on the disk are */
  #turn(embedder: EmbedderIdentity, from: number, to: number, then?: (matrix: Float32Array) => void): number {
    const [before, after] = [this.#matrix(from, embedder), this.#matrix(to, embedder)];
    const matrix = renewal(before, after, embedder.dimensions);
    try {
      const renewed = this.#deps.templates.renew(embedder, from, to, matrix);
      then?.(matrix);
      return renewed;
    } finally {
      for (const secret of [before, after, matrix]) secret.fill(0);
    }
  }

  #matrix(epoch: number, { dimensions }: EmbedderIdentity): Float32Array {
    return rotationMatrix(this.#deps.keys.secret("face-rotation"), epoch, dimensions);
  }
}
