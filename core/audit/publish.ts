import { existsSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { leafBytes } from "./leaf.ts";
import type { Ledger } from "./ledger.ts";
import { tileWidth } from "./prove.ts";
import { type TileName, tilePath, tilesOf, tilesSince } from "./tile-path.ts";

interface PublisherOptions {
  folder: string;
  source: Ledger;
  /** Size of the tree whose tiles are on the disk. */
  published: number;
  delayMs: number;
  newest(): { size: number; note: string; vkey: string; origin: string };
  trouble(error: unknown): void;
}

/**
 * Writes the log as static files (C2SP tlog-tiles). Always tiles first, each whole or not there, and the checkpoint over
 * them last: whatever is cut off, what lies in the folder is a log. All of it can be written again from the ledger.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  #published: number;
  #note = "";
  #checked = false;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #queue: Promise<void> = Promise.resolve();

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#published = options.published;
  }

  /** Publishes soon. */
  later(): void {
    const { delayMs, trouble } = this.#options;
    if (delayMs === 0 || this.#stopped) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.publish().catch(trouble);
    }, delayMs).unref();
  }

  /** Resolves when everything up to the newest checkpoint is in the folder. */
  publish(): Promise<void> {
    const turn = this.#queue
      .then(() => this.#write())
      .catch((error: unknown) => {
        if (!this.#stopped) throw error;
      });
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #write(): Promise<void> {
    const { folder, source, newest } = this.#options;
    const { size, note, vkey } = newest();
    if (note === this.#note || this.#stopped) return;
    const fresh = !this.#checked;
    const writer = new Writer(folder);
    for (const tile of fresh ? tilesOf(size) : tilesSince(this.#published, size)) {
      const path = tilePath(tile);
      // The first time round a tile may have gone missing since it was published; one not published is always written.
      const there = fresh && tile.width === tileWidth && tileEnd(tile) <= this.#published;
      if (there && existsSync(join(folder, path))) continue;
      await writer.put(path, contentOf(source, tile));
      if (tile.width === tileWidth) await rm(join(folder, `${path}.p`), { recursive: true, force: true });
      if (this.#stopped) return;
    }
    if (fresh) await writer.put("vkey", Buffer.from(`${vkey}\n`));
    await writer.sync();
    await writer.put("checkpoint", Buffer.from(note));
    await writer.sync();
    this.#checked = true;
    this.#published = size;
    this.#note = note;
  }
}

/** The tree size at which a full tile is complete. */
const tileEnd = ({ level, index }: TileName): number =>
  (index + 1) * tileWidth ** (level === "entries" ? 1 : level + 1);

function contentOf(source: Ledger, { level, index, width }: TileName): Buffer {
  const from = index * tileWidth;
  if (level !== "entries") return Buffer.concat(source.hashes(level, from, width));
  const length = Buffer.of(leafBytes >> 8, leafBytes & 0xff);
  return Buffer.concat(source.entries(from, from + width).flatMap((entry) => [length, entry]));
}

/** Writes files that are there whole or not at all; their names survive a power cut after `sync`. */
class Writer {
  readonly #folder: string;
  readonly #touched = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(name: string, content: Buffer): Promise<void> {
    const path = join(this.#folder, name);
    await mkdir(dirname(path), { recursive: true });
    const file = await open(`${path}.tmp`, "w", 0o644);
    try {
      await file.writeFile(content);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(`${path}.tmp`, path);
    for (let at = dirname(name); !this.#touched.has(at); at = dirname(at)) this.#touched.add(at);
  }

  async sync(): Promise<void> {
    if (process.platform !== "win32") {
      for (const name of this.#touched) {
        const folder = await open(join(this.#folder, name), "r");
        await folder.sync().finally(() => folder.close());
      }
    }
    this.#touched.clear();
  }
}
