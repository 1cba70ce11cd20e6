import type { AuditLog, ReadEntry } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import type { ConsentChange, Consents, ConsentView } from "../consent/index.ts";
import type { CredentialRecord, PersonRecord } from "../people/index.ts";
import type { Erasures } from "./erasures.ts";
import type { ErasureView, TemplateShelf } from "./types.ts";

export interface ExportDeps {
  persons: { read(id: string): PersonRecord };
  credentials: { of(person: string): CredentialRecord[] };
  consents: Consents;
  templates: Pick<TemplateShelf, "of">;
  erasures: Erasures;
  log: Pick<AuditLog, "origin" | "vkey" | "query" | "proofFile" | "checkpoint">;
  clock: Clock;
}

/** Everything held about one person, machine-readable (RD-52; PIPL 45, GDPR 15 and 20). */
export interface PersonExport {
  type: "limen-person-export";
  version: 1;
  /** RFC 3339 */
  made: string;
  person: PersonRecord;
  /** Never the number, the code or a hash of one: nobody has those to give. */
  credentials: CredentialRecord[];
  /** That there is a face, not what is in it. */
  face: { held: boolean; templates: number };
  consents: (ConsentView & { history: ConsentChange[]; possiblyCoerced: boolean; receipt?: string })[];
  erasures: ErasureView[];
  /** Entries at doors, changes, and who looked, oldest first; each with the file that proves it. */
  log: { origin: string; vkey: string; checkpoint: string; entries: (ReadEntry & { proof: string })[] };
}

/**
 * Gathers everything there is about one person. The caller puts the look-up on record first; it is then in the export.
 * @throws LimenError `person-unknown`
 */
export function exportPerson(deps: ExportDeps, id: string): PersonExport {
  const { persons, credentials, consents, templates, erasures, log, clock } = deps;
  const faces = templates.of(id).length;
  return {
    type: "limen-person-export",
    version: 1,
    made: clock.now().toISOString(),
    person: persons.read(id),
    credentials: credentials.of(id),
    face: { held: faces > 0, templates: faces },
    consents: consents.list(id).map((consent) => ({
      ...consent,
      history: consents.history(consent.id),
      possiblyCoerced: consents.possiblyCoerced(consent.id),
      ...(consent.state !== "refused" && { receipt: consents.receipt(consent.id) }),
    })),
    erasures: erasures.of(id),
    log: {
      origin: log.origin,
      vkey: log.vkey,
      checkpoint: log.checkpoint(),
      entries: log
        .query({ subject: id, limit: 1e9 })
        .reverse()
        .map((entry) => ({ ...entry, proof: log.proofFile(entry.index, { disclose: true }) })),
    },
  };
}
