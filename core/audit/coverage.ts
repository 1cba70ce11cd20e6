import { commitmentOf } from "./disclosure.ts";
import { countKey, countsIn } from "./erase.ts";
import { dayName, decodeLeaf } from "./leaf.ts";
import { readItems } from "./payload.ts";
import type { CoverageSummary, Finding } from "./types.ts";

/** Of one day and class: leaves in the tree, payloads held, and what erasure leaves account for. */
interface Balance {
  leaves: number;
  whole: number;
  personal: number;
  erasedWhole: number;
  erasedPersonal: number;
}

/**
 * The auditor's check: every leaf without a payload must be covered by the counts of an erasure leaf of this same log.
 * Any other gap is tampering.
 * @param leaves the log's entries in order, from its published bundles or from the ledger, already held against the root
 */
export function checkCoverage(leaves: readonly Buffer[], summary: CoverageSummary): Finding[] {
  const findings: Finding[] = [];
  const balances = new Map<string, Balance>();
  const balance = (key: string): Balance => {
    const zero = { leaves: 0, whole: 0, personal: 0, erasedWhole: 0, erasedPersonal: 0 };
    const found = balances.get(key) ?? zero;
    balances.set(key, found);
    return found;
  };
  const stated = new Set(summary.erasures.map(({ index }) => index));
  leaves.forEach((bytes, index) => {
    const leaf = decodeLeaf(bytes);
    if (!leaf) {
      findings.push({ code: "not-a-leaf", place: `entry ${index}` });
      return;
    }
    balance(countKey({ day: dayName(leaf.day), class: leaf.class })).leaves += 1;
    if (leaf.class === "erasure" && !stated.has(index)) {
      findings.push({ code: "erasure-unstated", place: `entry ${index}` });
    }
  });
  for (const { index, disclosures } of summary.erasures) {
    const leaf = leaves[index] && decodeLeaf(leaves[index]);
    const { fields, digests, whole } = readItems(disclosures);
    if (leaf?.class !== "erasure" || !whole || !commitmentOf(digests).equals(leaf.commitment)) {
      findings.push({ code: "erasure-altered", place: `entry ${index}` });
      continue;
    }
    for (const count of countsIn(fields)) {
      const of = balance(countKey(count));
      of.erasedWhole += count.whole;
      of.erasedPersonal += count.personal;
    }
  }
  for (const count of summary.held) {
    const of = balance(countKey(count));
    of.whole += count.whole;
    of.personal += count.personal;
  }
  for (const [key, of] of [...balances].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const missing = of.leaves - of.whole - of.personal;
    if (missing !== of.erasedWhole) {
      findings.push({ code: "payload-gap", place: key, params: { missing, erased: of.erasedWhole } });
    }
    if (of.personal !== of.erasedPersonal) {
      findings.push({
        code: "personal-gap",
        place: key,
        params: { missing: of.personal, erased: of.erasedPersonal },
      });
    }
  }
  return findings;
}
