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

/** The whole ledger against itself: tree against checkpoint, every payload against its leaf, every gap against a count. */
export function checkLedger(subject: Subject): { findings: Finding[]; summary: CoverageSummary } {
  const { ledger, origin, size } = subject;
  const leaves = ledger.entries(0, size);
  const findings = checkTree(subject, leaves);
  const summary: CoverageSummary = { origin, size, held: [], erasures: [] };
  const held = new Map<string, CoverageSummary["held"][number]>();
  for (let from = 0; from < size; from += 1000) {
    for (const row of ledger.payloads("idx >= ? AND idx < ? ORDER BY idx", from, from + 1000)) {
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
  }
  for (const { idx } of ledger.payloads("idx >= ?", size)) {
    findings.push({ code: "payload-alien", place: `entry ${idx}` });
  }
  summary.held = [...held.values()];
  return { findings: [...findings, ...checkCoverage(leaves, summary)], summary };
}

function checkTree({ ledger, origin, size, note, vkey }: Subject, leaves: readonly Buffer[]): Finding[] {
  const findings: Finding[] = [];
  let edge = emptyEdge;
  for (const leaf of leaves) {
    edge = append(edge, leafHash(leaf), (height, index, hash) => {
      if (height === 0 || height % tileHeight !== 0) return;
      const level = height / tileHeight;
      if (!ledger.hashes(level, index, 1)[0]!.equals(hash)) {
        findings.push({ code: "hash-differs", place: `tile/${level} hash ${index}` });
      }
    });
  }
  const verifier = parseVkey(vkey);
  const signed = verifier && openCheckpoint(note, [verifier]);
  if (signed?.origin !== origin || signed.size !== size || !signed.root.equals(edgeRoot(edge))) {
    findings.push({ code: "root-differs", place: "checkpoint" });
  }
  return findings;
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
