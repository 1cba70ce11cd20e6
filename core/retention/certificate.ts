import { countsIn } from "../audit/erase.ts";
import type { AuditLog, ReadEntry } from "../audit/types.ts";
import { type Signer, signJson } from "../consent/index.ts";
import { LimenError } from "../errors.ts";
import type { KeyRing } from "../store/types.ts";
import type { Entry, ErasureBook } from "./book.ts";
import type { CopyLine, ErasureReceipt, ErasureStep, NamedDatabase } from "./types.ts";

export interface CertificateDeps {
  book: ErasureBook;
  databases: readonly NamedDatabase[];
  log: Pick<AuditLog, "origin" | "query" | "read">;
  ring: Pick<KeyRing, "warnings">;
  signer: Signer;
  site: string;
}

/**
 * The signed receipt of an erasure whose every step is done: each copy and when it went, the keys' generations, what the
 * log lost, and what this box cannot promise.
 * @throws LimenError `log-failed` when the log does not have the steps
 */
export function receiptOf(deps: CertificateDeps, entry: Entry): string {
  const { order, keys } = entry;
  const { book, log, ring, signer, site } = deps;
  const steps = book.times(order.id);
  const counts = countsIn(Object.entries(leafOf(deps, order.id, "payloads").fields ?? {}));
  if (!keys) throw new LimenError("internal", { status: 503 });
  const receipt: ErasureReceipt = {
    type: "limen-erasure-receipt",
    version: 1,
    id: order.id,
    site,
    scope: order.scope,
    cause: order.cause,
    subjects: order.scope === "days" ? order.days.length : order.persons.length,
    ...(order.persons.length === 1 && { person: order.persons[0]! }),
    copies: copiesOf(deps, entry, (step) => steps.find((time) => time.step === step)!.at),
    steps,
    keys,
    counts,
    log: { origin: log.origin, index: leafOf(deps, order.id, "recorded").index },
    limits: [...ring.warnings],
  };
  return signJson(receipt, signer);
}

function copiesOf(
  { databases }: CertificateDeps,
  { order, others }: Entry,
  at: (step: ErasureStep) => string,
): CopyLine[] {
  const names = order.scope === "days" ? ["ledger.db"] : databases.map(({ name }) => name);
  const memory = order.scope === "days" ? [] : ["match memory", "match index"];
  const erased = (copy: string, step: ErasureStep): CopyLine => ({ copy, state: "erased", at: at(step) });
  return [
    ...memory.map((copy) => erased(copy, "memory")),
    ...names.map((copy) => erased(copy, copy === "ledger.db" ? "payloads" : "rows")),
    ...names.map((name) => erased(`${name}-wal`, "write-ahead-logs")),
    { copy: "wrapped keys and the key that opened them", state: "overwritten", at: at("keys") },
    ...others.map((line) => ({ ...line, at: at("other-copies") })),
  ];
}

/** This erasure's leaf for a step: written in the step's own transaction, noted right after, or else searched for. */
function leafOf({ book, log }: CertificateDeps, id: string, step: ErasureStep): ReadEntry {
  const noted = book.leaf(id, step);
  const found =
    noted === undefined
      ? log
          .query({ classes: ["erasure"], limit: 1e9 })
          .find(({ fields }) => fields?.erasure === id && fields.step === step)
      : log.read(noted);
  if (!found) throw new LimenError("log-failed", { status: 503 });
  return found;
}
