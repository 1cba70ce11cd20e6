import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import type { ConsentMethod, Language, NoticeDraft, NoticeView } from "./types.ts";

interface Row {
  id: string;
  major: number;
  minor: number;
  material: string;
  language: Language;
  hash: string;
  doors: string;
  text: string;
}

interface Asked {
  method: ConsentMethod;
  door?: string;
  language: Language;
}

/** What a consent needs to know of the notice it is given under. */
export interface NoticeAgreed extends NoticeView {
  material: string;
}

/**
 * Notices, kept word for word for as long as there are consents under them. What matters in a notice (its material hash)
 * makes the major version, its wording the minor one: the same material always has the same major, so a flow that is
 * rolled back finds the consents given under it.
 */
export class Notices {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  /** method and door → material in force, for checks that must not read the disk. */
  readonly #materials = new Map<string, string>();

  constructor(deps: { db: DatabaseSync; clock: Clock }) {
    this.#db = deps.db;
    this.#clock = deps.clock;
    this.#load();
  }

  /** Writes down what the deployed flow's notices are now. Runs inside the caller's transaction. */
  put(drafts: readonly NoticeDraft[]): void {
    this.#db.prepare("DELETE FROM notice_in_force").run();
    const inForce = this.#db.prepare(
      "INSERT OR REPLACE INTO notice_in_force (method, door, major, minor) VALUES (?, ?, ?, ?)",
    );
    for (const draft of drafts) {
      const { major, minor } = this.#version(draft);
      for (const door of draft.doors) inForce.run(draft.method, door, major, minor);
    }
  }

  /** Takes what `put` wrote into memory, after its transaction. */
  refresh(): void {
    this.#load();
  }

  /** The material in force at a door; undefined: no notice, so nothing to agree to. */
  material(method: ConsentMethod, door: string): string | undefined {
    return this.#materials.get(`${method} ${door}`);
  }

  /**
   * The notice somebody would agree to.
   * @param door absent: the notice of most doors
   * @throws LimenError `no-notice` at /door when none is in force there
   */
  current(asked: Asked): NoticeView {
    const [notice] = this.inForce(asked);
    if (!notice) throw new LimenError("no-notice", { field: "/door", status: 404 });
    return notice;
  }

  /** Every notice in force, the one of most doors first: each is agreed to by itself. */
  inForce({ method, door, language }: Asked): NoticeView[] {
    const rows = this.#db
      .prepare(
        `SELECT n.*, count(*) AS many FROM notice_in_force f
         JOIN notice n ON n.method = f.method AND n.major = f.major AND n.minor = f.minor AND n.language = ?
         WHERE f.method = ? AND (? IS NULL OR f.door = ?)
         GROUP BY n.id ORDER BY many DESC, n.major DESC, n.minor DESC`,
      )
      .all(language, method, door ?? null, door ?? null) as unknown as Row[];
    return rows.map((row) => {
      const { material: _, ...notice } = view(row);
      return notice;
    });
  }

  /** A notice by its id, whether still in force or not. */
  read(id: string): NoticeAgreed | undefined {
    const row = this.#db.prepare("SELECT * FROM notice WHERE id = ?").get(id) as Row | undefined;
    return row && view(row);
  }

  #version(draft: NoticeDraft): { major: number; minor: number } {
    const { method, material } = draft;
    const known = this.#db
      .prepare("SELECT major, minor, language, hash, doors FROM notice WHERE method = ? AND material = ?")
      .all(method, material) as unknown as Row[];
    const doors = JSON.stringify([...draft.doors].sort());
    const same = known.find(
      (row) =>
        row.doors === doors &&
        known
          .filter(({ minor }) => minor === row.minor)
          .every(({ language, hash }) => hash === sha256(draft.texts[language])),
    );
    if (same) return same;
    const top = this.#db
      .prepare("SELECT coalesce(max(major), 0) AS major FROM notice WHERE method = ?")
      .get(method);
    const major = known[0]?.major ?? Number(top?.major) + 1;
    const minor = known.length > 0 ? Math.max(...known.map((row) => row.minor)) + 1 : 0;
    this.#insert(draft, doors, major, minor);
    return { major, minor };
  }

  #insert({ method, material, texts }: NoticeDraft, doors: string, major: number, minor: number): void {
    const insert = this.#db.prepare(
      `INSERT INTO notice (id, method, major, minor, material, language, hash, doors, text, at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const at = this.#clock.now().toISOString();
    for (const [language, text] of Object.entries(texts)) {
      const hash = sha256(text);
      const id = `door-entry/${method}/${major}.${minor}/${hash}`;
      insert.run(id, method, major, minor, material, language, hash, doors, text, at);
    }
  }

  #load(): void {
    this.#materials.clear();
    const rows = this.#db
      .prepare(
        `SELECT DISTINCT f.method, f.door, n.material FROM notice_in_force f
         JOIN notice n ON n.method = f.method AND n.major = f.major AND n.minor = f.minor`,
      )
      .all();
    for (const { method, door, material } of rows) this.#materials.set(`${method} ${door}`, String(material));
  }
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const view = ({ id, major, minor, hash, language, text, doors, material }: Row): NoticeAgreed => ({
  id,
  version: `${major}.${minor}`,
  hash,
  language,
  text,
  doors: JSON.parse(doors) as string[],
  material,
});
