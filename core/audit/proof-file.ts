import { type OpenedCheckpoint, openCheckpoint } from "./checkpoint.ts";
import { commitmentOf } from "./disclosure.ts";
import { decodeLeaf, type Leaf } from "./leaf.ts";
import { type Hash, leafHash } from "./merkle.ts";
import { fromBase64, type Verifier } from "./note.ts";
import { type OpenItems, readItems } from "./payload.ts";
import type { FieldValue } from "./types.ts";
import { verifyInclusion } from "./verify-proof.ts";

const header = "c2sp.org/tlog-proof@v1";

/** A C2SP tlog-proof: one entry, its way up the tree, and the signed checkpoint. */
export interface Proof {
  index: number;
  leaf: Buffer;
  proof: readonly Hash[];
  /** The signed note, with whatever cosignatures. */
  checkpoint: string;
  /** What of the entry is disclosed. */
  items?: OpenItems;
}

/** The file, as text. Its `extra` line is JSON: `{leaf, items?}`. */
export function proofFile({ index, leaf, proof, checkpoint, items }: Proof): string {
  const extra = JSON.stringify({ leaf: leaf.toString("base64"), ...(items && { items }) });
  return [
    header,
    `extra ${Buffer.from(extra).toString("base64")}`,
    `index ${index}`,
    ...proof.map((hash) => hash.toString("base64")),
    "",
    checkpoint,
  ].join("\n");
}

/** @returns undefined for anything but a well-formed file of ours. Nothing in it is verified yet. */
export function parseProofFile(text: string): Proof | undefined {
  const at = text.indexOf("\n\n");
  if (at < 0 || text.length > 200_000) return undefined;
  const [first, extra, index, ...lines] = text.slice(0, at).split("\n");
  if (first !== header || !extra?.startsWith("extra ") || !/^index (0|[1-9]\d{0,15})$/.test(index ?? "")) {
    return undefined;
  }
  const proof = lines.map((line) => fromBase64(line));
  const own = parseExtra(extra.slice("extra ".length));
  if (!own || proof.length > 63 || proof.some((hash) => hash?.length !== 32)) return undefined;
  return { ...own, index: Number(index!.slice(6)), proof: proof as Hash[], checkpoint: text.slice(at + 2) };
}

function parseExtra(base64: string): Pick<Proof, "leaf" | "items"> | undefined {
  try {
    const { leaf, items } = JSON.parse(Buffer.from(base64, "base64").toString()) as Record<string, unknown>;
    if (typeof leaf !== "string") return undefined;
    const bytes = Buffer.from(leaf, "base64");
    if (items === undefined) return { leaf: bytes };
    if (!Array.isArray(items) || !items.every((item) => typeof item === "string")) return undefined;
    return { leaf: bytes, items };
  } catch {
    return undefined;
  }
}

/** What a file proves. */
export interface Proven {
  index: number;
  leaf: Leaf;
  checkpoint: OpenedCheckpoint;
  /** The disclosed fields, each held by the leaf's commitment; undefined when none are disclosed. */
  fields: Map<string, FieldValue> | undefined;
}

/**
 * Verifies a proof file against keys one trusts. Needs nothing else: no log, no network.
 * @returns undefined when any of it does not hold. Never throws.
 */
export function verifyProofFile(text: string, verifiers: readonly Verifier[]): Proven | undefined {
  const file = parseProofFile(text);
  const checkpoint = file && openCheckpoint(file.checkpoint, verifiers);
  const leaf = file && decodeLeaf(file.leaf);
  if (!file || !checkpoint || !leaf) return undefined;
  const { index, proof, items } = file;
  if (!verifyInclusion(index, checkpoint.size, leafHash(file.leaf), proof, checkpoint.root)) return undefined;
  const read = items && readItems(items);
  if (read && !commitmentOf(read.digests).equals(leaf.commitment)) return undefined;
  return { index, leaf, checkpoint, fields: read?.fields };
}
