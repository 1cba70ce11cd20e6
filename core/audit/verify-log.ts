import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Checkpoint, openCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { checkCoverage } from "./coverage.ts";
import { leafBytes } from "./leaf.ts";
import { type Hash, leafHash, rootOf } from "./merkle.ts";
import { noteText, parseVkey, type Verifier } from "./note.ts";
import { rangeHash, tileWidth } from "./prove.ts";
import { type TileName, tilePath, tilesOf } from "./tile-path.ts";
import type { CoverageSummary, Finding } from "./types.ts";

export interface VerifyOptions {
  /** The log's key, from somewhere else than its own folder. Without it signatures are not checked. */
  vkey?: string;
  /** Keys of witnesses: who of them cosigned is told. */
  witnesses?: readonly string[];
  /** Older checkpoints somebody kept: the log must still contain each of them. */
  checkpoints?: readonly string[];
  /** For the coverage check. */
  coverage?: CoverageSummary;
}

export interface VerifiedLog {
  /** Empty when all is well. */
  findings: Finding[];
  checkpoint?: Checkpoint;
  /** Names of the witnesses whose cosignature is on the checkpoint. */
  witnessedBy: string[];
}

/**
 * Verifies a published log (C2SP tlog-tiles) from its files alone: entries against tiles, each tile against the one above,
 * the root against the checkpoint, the checkpoint against its key, and older checkpoints against the tree. A finding names
 * the tile or entry it was found at. Never throws on what the files hold.
 */
export function verifyLog(folder: string, options: VerifyOptions = {}): VerifiedLog {
  const findings: Finding[] = [];
  const head = readHead(folder, options, findings);
  if (!head.checkpoint) return { findings, witnessedBy: [] };
  const tree = new PublishedTree(folder, head.checkpoint.size, findings);
  if (tree.check() && !tree.root.equals(head.checkpoint.root)) {
    findings.push({ code: "root-differs", place: "checkpoint" });
  }
  for (const note of options.checkpoints ?? []) {
    findings.push(...checkOlder(note, head.checkpoint, head.verifier, tree));
  }
  const { coverage } = options;
  if (coverage && tree.sound) {
    const { origin, size } = head.checkpoint;
    if (coverage.origin !== origin || coverage.size !== size) {
      findings.push({
        code: "coverage-other",
        place: "coverage",
        params: { size: coverage.size, expected: size },
      });
    } else findings.push(...checkCoverage(tree.entries, coverage));
  }
  return { findings, ...head };
}

interface ReadHead {
  checkpoint?: Checkpoint;
  verifier?: Verifier;
  witnessedBy: string[];
}

function readHead(folder: string, options: VerifyOptions, findings: Finding[]): ReadHead {
  const path = join(folder, "checkpoint");
  const place = "checkpoint";
  if (!existsSync(path)) {
    findings.push({ code: "missing", place });
    return { witnessedBy: [] };
  }
  const note = readFileSync(path, "utf8");
  const checkpoint = parseCheckpoint(noteText(note) ?? "");
  if (!checkpoint) {
    findings.push({ code: "malformed", place });
    return { witnessedBy: [] };
  }
  if (options.vkey === undefined) return { checkpoint, witnessedBy: [] };
  const verifier = parseVkey(options.vkey.trim());
  const witnesses = (options.witnesses ?? []).flatMap((line) => parseVkey(line.trim()) ?? []);
  const opened = verifier && openCheckpoint(note, [verifier, ...witnesses]);
  if (!opened) findings.push({ code: "signature-bad", place });
  const names = opened?.signedBy.map((signer) => signer.verifier).filter((by) => by !== verifier) ?? [];
  return { checkpoint, ...(verifier && { verifier }), witnessedBy: names.map(({ name }) => name) };
}

/** A checkpoint somebody kept from earlier, against the tree there is now. */
function checkOlder(
  note: string,
  now: Checkpoint,
  verifier: Verifier | undefined,
  tree: PublishedTree,
): Finding[] {
  const older = verifier ? openCheckpoint(note, [verifier]) : parseCheckpoint(noteText(note) ?? "");
  if (!older || older.origin !== now.origin) return [{ code: "older-foreign", place: "checkpoint" }];
  const place = `size ${older.size}`;
  if (older.size > now.size) return [{ code: "truncated", place, params: { size: now.size } }];
  return tree.rootAt(older.size)?.equals(older.root) ? [] : [{ code: "forked", place }];
}

/** The files of one tree size, read whole. */
class PublishedTree {
  readonly entries: Buffer[] = [];
  sound = false;
  readonly #folder: string;
  readonly #size: number;
  readonly #findings: Finding[];
  /** Hashes of tile levels, as the files state them. */
  readonly #levels: Hash[][] = [];

  constructor(folder: string, size: number, findings: Finding[]) {
    this.#folder = folder;
    this.#size = size;
    this.#findings = findings;
  }

  get root(): Hash {
    return rangeHash(this, 0, this.#size);
  }

  hashes(level: number, from: number, count: number): Hash[] {
    return (this.#levels[level] ?? []).slice(from, from + count);
  }

  /** The root the tree had at an earlier size; undefined when its tiles could not be read. */
  rootAt(size: number): Hash | undefined {
    const complete = this.#levels[0]?.length === this.#size || this.#size === 0;
    return complete ? rangeHash(this, 0, size) : undefined;
  }

  /** Reads everything. @returns whether it is a tree: only then is there a root, and entries to count */
  check(): boolean {
    const before = this.#findings.length;
    for (const tile of tilesOf(this.#size)) {
      const content = this.#read(tile);
      if (!content) continue;
      if (tile.level === "entries") this.#takeEntries(tile, content);
      else this.#takeHashes(tile, tile.level, content);
    }
    if (this.#findings.length === before) {
      this.#compareEntries();
      this.#compareLevels();
    }
    this.sound = this.#findings.length === before;
    return this.sound;
  }

  /** The file, or the full tile that has taken a partial one's place. */
  #read(tile: TileName): Buffer | undefined {
    for (const name of [tilePath(tile), tilePath({ ...tile, width: tileWidth })]) {
      const path = join(this.#folder, name);
      if (existsSync(path)) return readFileSync(path);
    }
    this.#findings.push({ code: "missing", place: tilePath(tile) });
    return undefined;
  }

  #takeHashes(tile: TileName, level: number, content: Buffer): void {
    const { width } = tile;
    if (content.length < width * 32 || content.length % 32 !== 0) {
      this.#findings.push({ code: "malformed", place: tilePath(tile) });
      return;
    }
    this.#levels[level] ??= [];
    for (let at = 0; at < width; at++) this.#levels[level].push(content.subarray(at * 32, at * 32 + 32));
  }

  #takeEntries(tile: TileName, content: Buffer): void {
    let at = 0;
    for (let number = 0; number < tile.width; number++) {
      const length = at + 2 <= content.length ? content.readUInt16BE(at) : -1;
      const end = at + 2 + length;
      if (length !== leafBytes || end > content.length) {
        const index = tile.index * tileWidth + number;
        this.#findings.push({ code: "entry-malformed", place: `${tilePath(tile)} entry ${index}` });
        return;
      }
      this.entries.push(content.subarray(at + 2, end));
      at = end;
    }
  }

  #compareEntries(): void {
    const stated = this.#levels[0] ?? [];
    this.entries.forEach((entry, index) => {
      if (leafHash(entry).equals(stated[index]!)) return;
      const tile = tilePath({ level: "entries", index: Math.floor(index / tileWidth), width: tileWidth });
      this.#findings.push({ code: "entry-differs", place: `${tile} entry ${index}` });
    });
  }

  #compareLevels(): void {
    this.#levels.slice(1).forEach((above, below) => {
      above.forEach((stated, index) => {
        const computed = rootOf(this.hashes(below, index * tileWidth, tileWidth));
        if (computed.equals(stated)) return;
        const tile = tilePath({ level: below, index, width: tileWidth });
        this.#findings.push({ code: "tile-differs", place: tile });
      });
    });
  }
}
