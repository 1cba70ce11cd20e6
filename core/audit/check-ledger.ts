import { LimenError } from "../errors.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { checkCoverage } from "./coverage.ts";
import { commitmentOf } from "./disclosure.ts";
import { className, dayName, decodeLeaf } from "./leaf.ts";
import type { Ledger, PayloadRow } from "./ledger.ts";
import { append, edgeRoot, emptyEdge, leafHash } from "./merkle.ts";
import { parseVkey } from "./note.ts";
import { type OpenItems, type Payloads, readItems } from "./payload.ts";
import { tileHeight } from "./prove.ts";
import { type CoverageSummary, type Finding, leafClasses } from "./types.ts";

interface Subject {
  ledger: Ledger;
  payloads: Payloads;
  origin: string;
  size: number;
  note: string;
  vkey: string;
}

/** Entries looked at between two turns: a few milliseconds' worth. */
const turn = 100;

/**
 * The whole ledger against itself: tree against checkpoint, every payload against its leaf, every gap against a count.
 * Yields every hundred entries, so that doors are served in between.
 */
export function* checkLedger(
  subject: Subject,
): Generator<void, { findings: Finding[]; summary: CoverageSummary }> {
  const { ledger, origin, size } = subject;
  const findings: Finding[] = [];
  const leaves = yield* checkTree(subject, findings);
  const summary: CoverageSummary = { origin, size, held: [], erasures: [] };
  const held = new Map<string, CoverageSummary["held"][number]>();
  for (let from = 0; from < size; from += turn) {
    for (const row of ledger.payloads(
      "idx >= ? AND idx < ? ORDER BY idx",
      from,
      Math.min(size, from + turn),
    )) {
      const items = checkPayload(subject, leaves, row, findings);
      if (!items) continue;
      const day = dayName(row.day);
      const name = className(row.class)!;
      const count = held.get(`${day} ${name}`) ?? { day, class: name, whole: 0, personal: 0 };
      if (items.some((item) => item.startsWith("#"))) count.personal += 1;
      else count.whole += 1;
      held.set(`${day} ${name}`, count);
      if (row.class === leafClasses.erasure)
        summary.erasures.push({ index: row.idx, disclosures: [...items] });
    }
    yield;
  }
  for (const { idx } of ledger.payloads("idx >= ?", ledger.leafCount())) {
    findings.push({ code: "payload-alien", place: `entry ${idx}` });
  }
  summary.held = [...held.values()];
  findings.push(...checkCoverage(leaves, summary));
  return { findings, summary };
}

/** @returns the leaves */
function* checkTree(
  { ledger, origin, size, note, vkey }: Subject,
  findings: Finding[],
): Generator<void, Buffer[]> {
  const leaves: Buffer[] = [];
  let edge = emptyEdge;
  for (let from = 0; from < size; from += turn) {
    for (const leaf of ledger.entries(from, Math.min(size, from + turn))) {
      leaves.push(leaf);
      edge = append(edge, leafHash(leaf), (height, index, hash) => {
        if (height === 0 || height % tileHeight !== 0) return;
        const level = height / tileHeight;
        if (!ledger.hashes(level, index, 1)[0]!.equals(hash)) {
          findings.push({ code: "hash-differs", place: `tile/${level} hash ${index}` });
        }
      });
    }
    yield;
  }
  const verifier = parseVkey(vkey);
  const signed = verifier && openCheckpoint(note, [verifier]);
  if (signed?.origin !== origin || signed.size !== size || !signed.root.equals(edgeRoot(edge))) {
    findings.push({ code: "root-differs", place: "checkpoint" });
  }
  return leaves;
}

/** @returns what is open of the payload, or undefined when it says nothing that its leaf committed to */
function checkPayload(
  { payloads }: Subject,
  leaves: readonly Buffer[],
  row: PayloadRow,
  findings: Finding[],
): OpenItems | undefined {
  const place = `entry ${row.idx}`;
  const leaf = decodeLeaf(leaves[row.idx]!);
  let items: OpenItems;
  try {
    items = payloads.open(row);
  } catch (error) {
    if (!(error instanceof LimenError)) throw error;
    findings.push({ code: "payload-altered", place });
    return undefined;
  }
  if (items.length === 0) {
    findings.push({ code: "payload-unreadable", place }); // its keys are gone, and yet it was not erased
    return undefined;
  }
  const same =
    leaf !== undefined &&
    leafClasses[leaf.class] === row.class &&
    leaf.day === row.day &&
    commitmentOf(readItems(items).digests).equals(leaf.commitment);
  if (same) return items;
  findings.push({ code: "payload-altered", place });
  return undefined;
}
