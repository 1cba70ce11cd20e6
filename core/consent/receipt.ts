import {
  type ConsentRecord,
  checkRecord,
  receiptSchema,
  recordContext,
  recordSchema,
  statusOf,
} from "./record.ts";
import type { ConsentRequest } from "./rules.ts";
import { type Signed, type Signer, signJson, verifyJson } from "./signed.ts";
import type { ConsentChange, Controller, Language } from "./types.ts";

/** What is sealed of a consent under its person's key. */
export interface SealedConsent {
  request: ConsentRequest;
  /** RFC 3339 */
  at: string;
  runsOut?: string;
  ownFrom?: string;
  possiblyCoerced: boolean;
  controller: Controller;
  jurisdiction: string;
  /** Id of the receipt. */
  receipt: string;
}

/** A receipt: the whole record, with an id of its own (27560 6.4: receipt id and schema version are mandatory). */
export interface ConsentReceipt extends Record<string, unknown> {
  "dct:identifier": string;
  "dct:conformsTo": typeof receiptSchema;
  "limen:record": ConsentRecord;
}

/**
 * The record of a consent.
 * @throws LimenError `consent-record-bad` when a mandatory field is missing
 */
export function recordOf(
  row: { id: string; person: string; doors: string; notice: string; language: Language },
  sealed: SealedConsent,
  noticeHash: string,
  changes: readonly ConsentChange[],
): ConsentRecord {
  const { controller, jurisdiction, request, runsOut, ownFrom, possiblyCoerced } = sealed;
  const until = [runsOut, ownFrom].filter((at) => at !== undefined).sort()[0] ?? "until withdrawn";
  return checkRecord({
    "@context": recordContext,
    "@type": "dpv:ConsentRecord",
    "dct:conformsTo": recordSchema,
    "dct:identifier": row.id,
    "dpv:hasDataSubject": {
      "@type": "dpv:DataSubject",
      "dct:identifier": row.person,
      ...(request.relation && {
        "dpv:hasRelation":
          request.relation === "parent" ? "dpv:ParentOfDataSubject" : "dpv:GuardianOfDataSubject",
      }),
    },
    "dpv:hasNotice": {
      "@type": "dpv:ConsentNotice",
      "dct:identifier": row.notice,
      "limen:sha256": noticeHash,
    },
    "dct:language": row.language,
    "dpv:hasProcess": {
      "@type": "dpv:Process",
      "dpv:hasPurpose": "dpv:EnforceAccessControl",
      "limen:purpose": "door-entry",
      "limen:doors": JSON.parse(row.doors) as string[],
      "dpv:hasPersonalData": {
        "@type": "pd:FacialPrint",
        "dpv:hasSensitivityLevel": "dpv:SpecialCategoryPersonalData",
        "dpv:hasNecessity": "dpv:Optional",
      },
      "dpv:hasDataController": controller.id,
      "dpv:hasStorageCondition": { "@type": "dpv:StorageLocation", "dpv:hasLocation": "dpv:WithinDevice" },
      "dpv:hasDuration": {
        "@type": "dpv:UntilEventDuration",
        "limen:event": "withdrawal, refusal of a changed notice, or end of residency",
      },
      "dpv:hasJurisdiction": `loc:${jurisdiction}`,
      "dpv:hasRecipient": [controller.id],
      "dpv:hasConsentControl": {
        "@type": "dpv:WithdrawConsent",
        "limen:how": "resident page, door screen notice or desk; no reason asked",
      },
    },
    "dpv:hasEntity": [
      {
        "@type": "dpv:DataController",
        "dct:identifier": controller.id,
        "dpv:hasName": controller.name,
        "dpv:hasAddress": controller.address ?? controller.contact,
        "dpv:hasContact": controller.contact,
      },
    ],
    "dpv:hasConsentStatus": changes.map(({ state, at, by, channel }) => ({
      "@type": statusOf(state),
      "limen:state": state,
      "dct:date": at,
      "dct:valid": state === "given" ? until : "none",
      "dpv:isIndicatedBy": by === "self" ? row.person : by,
      "dpv:hasLegalBasis": "dpv:ExplicitlyExpressedConsent",
      "dpv:hasIndicationMethod": state === "given" ? `${request.act}, ${request.channel}` : (channel ?? by),
    })),
    ...(possiblyCoerced && { "limen:possiblyCoerced": true }),
  });
}

export const receiptOf = (record: ConsentRecord, id: string, signer: Signer): string =>
  signJson(
    {
      "@context": recordContext,
      "@type": "dpv:ConsentReceipt",
      "dct:conformsTo": receiptSchema,
      "dct:identifier": id,
      "limen:record": record,
    },
    signer,
  );

/**
 * Checks a consent receipt, offline: form, signature, and that its record is complete.
 * @param publicKey the site's, raw Ed25519 in base64
 * @throws LimenError `receipt-bad`, `consent-record-bad`
 */
export function verifyReceipt(text: string, publicKey: string): Signed<ConsentReceipt> {
  const receipt = verifyJson<ConsentReceipt>(text, publicKey);
  checkRecord(receipt["limen:record"]);
  return receipt;
}
