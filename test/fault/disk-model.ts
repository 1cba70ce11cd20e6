import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { DiskEvent } from "./trace.ts";

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Change = Extract<DiskEvent, { kind: "write" | "truncate" }>;
type NameChange = Extract<DiskEvent, { kind: "create" | "rename" | "unlink" }>;

const sector = 512;

/** Content of a file as the disk holds it for certain, and what was written since without a sync. */
interface FileState {
  durable: Buffer;
  pending: Change[];
}

/**
 * A disk that keeps what was synced and no more than it likes of the rest: any sectors of unsynced writes, a beginning
 * of unsynced names. Stricter than ext4: syncing a file does not make its name durable.
 */
export class DiskModel {
  readonly #root: string;
  readonly #files = new Map<number, FileState>();
  #names = new Map<string, number>();
  #pendingNames: NameChange[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  apply(event: DiskEvent): void {
    switch (event.kind) {
      case "create":
        if (!event.folder) this.#files.set(event.inode, { durable: Buffer.alloc(0), pending: [] });
        this.#pendingNames.push(event);
        break;
      case "rename":
      case "unlink":
        this.#pendingNames.push(event);
        break;
      case "write":
      case "truncate":
        this.#files.get(event.inode)!.pending.push(event);
        break;
      case "sync": {
        const file = this.#files.get(event.inode)!;
        file.durable = file.pending.reduce((content, change) => changed(content, change), file.durable);
        file.pending = [];
        break;
      }
      case "sync-folder": {
        const within = (change: NameChange) =>
          dirname("path" in change ? change.path : change.to) === event.path;
        for (const change of this.#pendingNames.filter(within)) rename(this.#names, change);
        this.#pendingNames = this.#pendingNames.filter((change) => !within(change));
        break;
      }
      case "said":
        break;
    }
  }

  /** Cuts the power: writes what the disk would hold to `target`. */
  cut(target: string, random: () => number): void {
    const names = new Map(this.#names);
    const kept = Math.floor(random() * (this.#pendingNames.length + 1));
    for (const change of this.#pendingNames.slice(0, kept)) rename(names, change);
    // Nothing, all, or some: real disks do each, and a fault may show at only one of them.
    const share = [0, 1, 0.5, random()][Math.floor(random() * 4)]!;
    mkdirSync(target, { recursive: true });
    for (const [path, inode] of [...names].sort(([a], [b]) => a.length - b.length)) {
      const at = join(target, relative(this.#root, path));
      if (!isReachable(names, dirname(path), this.#root)) continue;
      if (inode === 0) mkdirSync(at, { recursive: true });
      else writeFileSync(at, torn(this.#files.get(inode)!, share, random));
    }
  }
}

/** A file in a folder whose own name was lost is lost with it. */
const isReachable = (names: Map<string, number>, folder: string, root: string): boolean =>
  folder === root || (names.get(folder) === 0 && isReachable(names, dirname(folder), root));

function rename(names: Map<string, number>, change: NameChange): void {
  if (change.kind === "create") names.set(change.path, change.inode);
  else if (change.kind === "unlink") names.delete(change.path);
  else if (names.has(change.from)) {
    names.set(change.to, names.get(change.from)!);
    names.delete(change.from);
  }
}

function changed(content: Buffer, change: Change): Buffer {
  if (change.kind === "truncate") return sized(content, change.size);
  const end = change.at + change.data.length;
  const next = end > content.length ? sized(content, end) : Buffer.from(content);
  change.data.copy(next, change.at);
  return next;
}

function sized(content: Buffer, size: number): Buffer {
  const next = Buffer.alloc(size);
  content.copy(next, 0, 0, Math.min(size, content.length));
  return next;
}

/** Of every unsynced write each sector by itself may have reached the disk. */
function torn({ durable, pending }: FileState, share: number, random: () => number): Buffer {
  let content = durable;
  for (const change of pending) {
    if (change.kind === "truncate") {
      if (random() < share) content = changed(content, change);
      continue;
    }
    for (let from = 0; from < change.data.length; ) {
      const to = Math.min(
        change.data.length,
        (Math.floor((change.at + from) / sector) + 1) * sector - change.at,
      );
      if (random() < share) {
        content = changed(content, { ...change, at: change.at + from, data: change.data.subarray(from, to) });
      }
      from = to;
    }
  }
  return content;
}
