import type { DatabaseSync } from "node:sqlite";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import { type Migration, migrate, transaction } from "../store/database.ts";
import { open, seal } from "../store/seal.ts";
import type { SealContext, SubjectKeys } from "../store/types.ts";
import { turn } from "./rotation.ts";
import type { EmbedderIdentity, FaceGallery } from "./types.ts";

/** A row says that there is a template and of which model: whose it is lies sealed inside it (RD-32). */
export const templateMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "templates",
    sql: `CREATE TABLE template (
      id TEXT PRIMARY KEY, model TEXT NOT NULL, epoch INTEGER NOT NULL, sealed BLOB NOT NULL
    ) STRICT, WITHOUT ROWID`,
  },
  {
    version: 2,
    name: "faces that are alike",
    sql: "ALTER TABLE template ADD COLUMN alike INTEGER NOT NULL DEFAULT 0",
  },
  {
    // `alike` is only read from now on: it was a yes or no at one threshold, and thresholds change
    version: 3,
    name: "how near the nearest other face came, sealed",
    sql: "ALTER TABLE template ADD COLUMN nearest BLOB",
  },
];

export interface TemplatesOptions {
  /** `faces.db`, opened by `core/store`. */
  db: DatabaseSync;
  /** One key a template, by template id: destroying it is the template's erasure. */
  keys: SubjectKeys;
  site: string;
}

export interface NewTemplate {
  person: string;
  /** Already rotated. */
  vectors: readonly Float32Array[];
  embedder: EmbedderIdentity;
  /** Of the rotation. */
  epoch: number;
  /** How near every other template is, cosine by template id; absent: nobody has looked yet. */
  near?: ReadonlyMap<string, number>;
}

/** A template that is about to be stored, for whoever puts it on record. */
export interface StoredFace {
  id: string;
  /** Ids of the person's former templates: they stand until the record of this one is durable. */
  replaced: readonly string[];
  /** Writes row and key. To be called in the transaction of `ledger.db` that writes the record. */
  store(): void;
}

/** The stored templates. Vectors only leave it into a gallery. */
export interface Templates {
  readonly count: number;
  /** Rows without a key that were found at opening, and deleted: what an enrolment or an erasure left that was cut short. */
  readonly leftOver: number;
  has(person: string): boolean;
  /** Ids of a person's templates. */
  of(person: string): readonly string[];
  /**
   * Stores a template in place of the person's former ones, whose erasure is the caller's. The row is durable before its
   * key, and the key with the record, so that without a record there is nothing that opens, now or after a crash.
   * @param record writes the record, together with `store`; what it throws keeps the person as they were
   * @returns its id, and the ids it replaces
   */
  put(template: NewTemplate, record: (face: StoredFace) => void): { id: string; replaced: readonly string[] };
  /**
   * How near anybody else's face came to this person's since they enrolled (siblings, twins), cosine; -1: nobody's did. It
   * outlasts the other's erasure, because the other still has that face. 1 while nobody has looked: such a face opens nothing alone.
   */
  nearest(person: string): number;
  /** Looks for what stored templates of this model lack: how near the others in the gallery are. @returns how many lacked it */
  judge(gallery: FaceGallery, embedder: EmbedderIdentity, epoch: number): Promise<number>;
  /** Deletes row and key. Idempotent: also what is left of an unfinished removal. */
  remove(id: string): void;
  /**
   * Fills a gallery with every template of this model and epoch. @returns how many were put in, and the people whose
   * templates another model or epoch made, who have to enrol again
   */
  load(
    gallery: FaceGallery,
    embedder: EmbedderIdentity,
    epoch: number,
  ): { loaded: number; outdated: readonly string[] };
  /** Epochs that stored templates of this model are of. */
  epochs(embedder: EmbedderIdentity): number[];
  /** Brings every template of one epoch to the next by a matrix, in one transaction. */
  renew(embedder: EmbedderIdentity, from: number, to: number, matrix: Float32Array): number;
}

interface Row {
  id: string;
  model: string;
  epoch: number;
  sealed: Uint8Array;
}

interface Opened {
  person: string;
  vectors: Float32Array[];
}

/** Model id, weights, and how these are fed: a template sealed for one does not open as another's. */
const modelOf = ({ id, sha256, fed, dimensions }: EmbedderIdentity): string =>
  `${id}@${sha256}+${fed}/${dimensions}`;
const dimensionsOf = (model: string): number => Number(model.slice(model.lastIndexOf("/") + 1));

/**
 * Opens the store of templates. A row without a key is what an enrolment or an erasure left that was cut short: it is deleted.
 * @throws LimenError `seal-broken` when a row was altered or belongs elsewhere
 */
export function openTemplates({ db, keys, site }: TemplatesOptions): Templates {
  migrate(db, "faces", templateMigrations);
  const insert = db.prepare("INSERT INTO template (id, model, epoch, sealed) VALUES (?, ?, ?, ?)");
  const update = db.prepare("UPDATE template SET epoch = ?, sealed = ? WHERE id = ?");
  const note = db.prepare("UPDATE template SET nearest = ? WHERE id = ?");
  const closest = db.prepare("SELECT model, alike, nearest FROM template WHERE id = ?");
  const erase = db.prepare("DELETE FROM template WHERE id = ?");
  const all = db.prepare("SELECT id, model, epoch, sealed FROM template ORDER BY id");
  const rows = () => all.all() as unknown as Row[];
  const owners = new Map<string, string>();
  /** By template, once somebody has looked. */
  const nearest = new Map<string, number>();

  const context = (id: string, model: string, epoch: number): SealContext => ({
    kind: "face-template",
    version: 1,
    site,
    subject: id,
    model: `${model}#${epoch}`,
  });
  const sealOne = (
    id: string,
    key: Buffer,
    model: string,
    epoch: number,
    { person, vectors }: Opened,
  ): Buffer => {
    const plain = pack(person, vectors);
    const sealed = seal(key, context(id, model, epoch), plain);
    plain.fill(0);
    return sealed;
  };
  const openOne = ({ id, model, epoch, sealed }: Row): Opened | undefined => {
    const key = keys.get(id);
    if (!key) return undefined;
    const plain = open(key, context(id, model, epoch), Buffer.from(sealed));
    key.fill(0);
    const opened = unpack(plain, dimensionsOf(model));
    plain.fill(0);
    return opened;
  };
  // sealed, because two rows with one number would show a thief which two faces are alike
  const nearContext = (id: string, model: string): SealContext => ({
    kind: "face-nearest",
    version: 1,
    site,
    subject: id,
    model,
  });
  const readNearest = (id: string): number | undefined => {
    const row = closest.get(id) as { model: string; alike: number; nearest: Uint8Array | null };
    if (!row.nearest) return row.alike === 1 ? 1 : undefined;
    const key = keys.get(id)!;
    const plain = open(key, nearContext(id, row.model), Buffer.from(row.nearest));
    key.fill(0);
    return plain.readFloatLE(0);
  };
  /** Remembers a nearness when it is greater than what is known. */
  const nearer = (id: string, cosine: number, anew = false): void => {
    if (!anew && !(cosine > (nearest.get(id) ?? Number.POSITIVE_INFINITY))) return;
    const row = closest.get(id) as { model: string } | undefined;
    const key = keys.get(id);
    if (!row || !key) return; // erased meanwhile
    const plain = Buffer.alloc(4);
    plain.writeFloatLE(cosine);
    note.run(seal(key, nearContext(id, row.model), plain), id);
    key.fill(0);
    nearest.set(id, plain.readFloatLE(0));
  };
  /** Both sides of a comparison: the one is as near to the other as the other to the one. */
  const compared = (id: string, near: ReadonlyMap<string, number>): void => {
    nearer(
      id,
      [...near.values()].reduce((most, cosine) => Math.max(most, cosine), -1),
      true,
    );
    for (const [other, cosine] of near) nearer(other, cosine);
  };
  const forget = ({ vectors }: Opened) => {
    for (const vector of vectors) vector.fill(0);
  };

  let leftOver = 0;
  for (const row of rows()) {
    const opened = openOne(row);
    if (!opened) {
      erase.run(row.id);
      leftOver++;
    } else {
      owners.set(row.id, opened.person);
      forget(opened);
      const known = readNearest(row.id);
      if (known !== undefined) nearest.set(row.id, known);
    }
  }

  /** A row whose key was never kept. */
  const discard = (id: string): void => {
    try {
      erase.run(id);
    } catch {
      // a disk that refuses this too: nothing opens the row, and the next start deletes it
    }
  };
  const of = (person: string) => [...owners].filter(([, owner]) => owner === person).map(([id]) => id);
  const forgetOwner = (id: string): void => {
    owners.delete(id);
    nearest.delete(id);
  };
  const remove = (id: string): void => {
    erase.run(id);
    keys.destroy(id);
    forgetOwner(id);
  };

  return {
    leftOver,
    get count() {
      return owners.size;
    },
    has: (person) => of(person).length > 0,
    of,
    nearest: (person) => Math.max(-1, ...of(person).map((id) => nearest.get(id) ?? 1)),
    async judge(gallery, embedder, epoch) {
      const model = modelOf(embedder);
      const lacking = rows().filter(
        (row) => !nearest.has(row.id) && row.model === model && row.epoch === epoch,
      );
      for (const row of lacking) {
        const opened = openOne(row);
        if (!opened) continue;
        const near = await gallery.nearness(opened.vectors, opened.person);
        forget(opened);
        transaction(db, () => compared(row.id, near));
      }
      return lacking.length;
    },
    put({ person, vectors, embedder, epoch, near }, record) {
      for (const vector of vectors) {
        if (vector.length !== embedder.dimensions) throw new LimenError("template-mismatch", { status: 422 });
      }
      const replaced = of(person);
      const id = opaqueId("template");
      const model = modelOf(embedder);
      const store = () => {
        const key = keys.create(id);
        transaction(db, () => {
          insert.run(id, model, epoch, sealOne(id, key, model, epoch, { person, vectors: [...vectors] }));
          if (near) compared(id, near);
        });
        key.fill(0);
      };
      try {
        record({ id, replaced, store });
      } catch (error) {
        nearest.delete(id);
        discard(id);
        throw error;
      }
      for (const old of replaced) forgetOwner(old);
      owners.set(id, person);
      return { id, replaced };
    },
    remove,
    load(gallery, embedder, epoch) {
      const model = modelOf(embedder);
      const outdated: string[] = [];
      let loaded = 0;
      for (const row of rows()) {
        const opened = openOne(row);
        if (!opened) continue;
        if (row.model === model && row.epoch === epoch) {
          gallery.put(row.id, opened.person, opened.vectors);
          loaded++;
        } else outdated.push(opened.person);
        forget(opened);
      }
      return { loaded, outdated };
    },
    epochs(embedder) {
      const model = modelOf(embedder);
      return [...new Set(rows().flatMap((row) => (row.model === model ? [row.epoch] : [])))];
    },
    renew(embedder, from, to, matrix) {
      const model = modelOf(embedder);
      return transaction(db, () => {
        let renewed = 0;
        for (const row of rows()) {
          if (row.model !== model || row.epoch !== from) continue;
          const opened = openOne(row);
          if (!opened) continue;
          const turned = { ...opened, vectors: opened.vectors.map((vector) => turn(matrix, vector)) };
          update.run(to, sealOne(row.id, keys.get(row.id)!, model, to, turned), row.id);
          forget(turned);
          renewed++;
        }
        return renewed;
      });
    },
  };
}

/** `u16 length · person · float32 little-endian *`. */
function pack(person: string, vectors: readonly Float32Array[]): Buffer {
  const name = Buffer.from(person);
  const size = vectors.reduce((sum, vector) => sum + 4 * vector.length, 0);
  const plain = Buffer.alloc(2 + name.length + size);
  plain.writeUInt16LE(name.length);
  name.copy(plain, 2);
  let at = 2 + name.length;
  for (const vector of vectors) for (const value of vector) at = plain.writeFloatLE(value, at);
  return plain;
}

function unpack(plain: Buffer, dimensions: number): Opened {
  const from = 2 + plain.readUInt16LE(0);
  const person = plain.toString("utf8", 2, from);
  const vectors: Float32Array[] = [];
  for (let at = from; at < plain.length; at += 4 * dimensions) {
    const vector = new Float32Array(dimensions);
    for (let i = 0; i < dimensions; i++) vector[i] = plain.readFloatLE(at + 4 * i);
    vectors.push(vector);
  }
  return { person, vectors };
}
