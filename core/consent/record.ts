import { Closed, OneOf, parse, type Static, Type } from "../schema.ts";
import { consentStates } from "./types.ts";

/*
 * A consent record as ISO/IEC TS 27560:2023 asks for it, in the terms of the W3C Data Privacy Vocabulary 2.x and its guide
 * `consent-27560`. The comments name the 27560 field each one is. Every field here is mandatory in 27560 unless it says
 * otherwise; none may be missing and none added.
 */

const Text = Type.String({ minLength: 1, maxLength: 400 });
const DateTime = Type.String({ format: "date-time" });
const Only = <const T extends string>(text: T) => OneOf([text] as const);

export const recordSchema = "https://w3id.org/dpv/schema/dpv-27560#record";
export const receiptSchema = "https://w3id.org/dpv/schema/dpv-27560#receipt-record";

export const recordContext = {
  dpv: "https://w3id.org/dpv#",
  pd: "https://w3id.org/dpv/pd#",
  loc: "https://w3id.org/dpv/loc#",
  dct: "http://purl.org/dc/terms/",
  limen: "urn:limen:terms#",
} as const;

const Context = Closed({
  dpv: Only(recordContext.dpv),
  pd: Only(recordContext.pd),
  loc: Only(recordContext.loc),
  dct: Only(recordContext.dct),
  limen: Only(recordContext.limen),
});

const statuses = {
  given: "dpv:ConsentGiven",
  refused: "dpv:ConsentRefused",
  withdrawn: "dpv:ConsentWithdrawn",
  suspended: "dpv:ConsentUnknown", // 27560 has no suspension; DPV counts Unknown as not valid for processing
  expired: "dpv:ConsentExpired",
  terminated: "dpv:ConsentRevoked", // ended by somebody else than the person
} as const satisfies Record<(typeof consentStates)[number], string>;

/** The DPV status of a state. */
export const statusOf = (state: (typeof consentStates)[number]): string => statuses[state];

const Party = Closed({
  /** party id */
  "dct:identifier": Text,
  /** party type */
  "@type": Only("dpv:DataController"),
  /** party name */
  "dpv:hasName": Text,
  /** party address */
  "dpv:hasAddress": Text,
  /** party contact */
  "dpv:hasContact": Text,
});

const Event = Closed({
  /** event state */
  "@type": OneOf(Object.values(statuses)),
  "limen:state": OneOf(consentStates),
  /** event time */
  "dct:date": DateTime,
  /** validity duration: until when at most */
  "dct:valid": Text,
  /** entity id: who acted */
  "dpv:isIndicatedBy": Text,
  /** event type */
  "dpv:hasLegalBasis": Only("dpv:ExplicitlyExpressedConsent"),
  /** How it was expressed: an act, never a box that was ticked before. */
  "dpv:hasIndicationMethod": Text,
});

export const ConsentRecord = Closed(
  {
    "@context": Context,
    "@type": Only("dpv:ConsentRecord"),
    /** schema version */
    "dct:conformsTo": Only(recordSchema),
    /** record id */
    "dct:identifier": Text,
    /** pii principal id: a pseudonym */
    "dpv:hasDataSubject": Closed({
      "@type": Only("dpv:DataSubject"),
      "dct:identifier": Text,
      /** Who consented for a child, and what they are to it; never the child's or guardian's name. */
      "dpv:hasRelation": Type.Optional(OneOf(["dpv:ParentOfDataSubject", "dpv:GuardianOfDataSubject"])),
    }),
    /** privacy notice */
    "dpv:hasNotice": Closed({
      "@type": Only("dpv:ConsentNotice"),
      "dct:identifier": Text,
      "limen:sha256": Type.String({ pattern: "^[0-9a-f]{64}$" }),
    }),
    /** language */
    "dct:language": OneOf(["zh-CN", "zh-TW", "en-US"]),
    "dpv:hasProcess": Closed({
      "@type": Only("dpv:Process"),
      /** purpose: one, closed */
      "dpv:hasPurpose": Only("dpv:EnforceAccessControl"),
      "limen:purpose": Only("door-entry"),
      "limen:doors": Type.Array(Text, { minItems: 1, uniqueItems: true }),
      /** pii information */
      "dpv:hasPersonalData": Closed({
        /** pii type */
        "@type": Only("pd:FacialPrint"),
        /** sensitive pii category (optional in 27560) */
        "dpv:hasSensitivityLevel": Only("dpv:SpecialCategoryPersonalData"),
        /** pii optional (optional in 27560): every door opens without it */
        "dpv:hasNecessity": Only("dpv:Optional"),
      }),
      /** pii controllers */
      "dpv:hasDataController": Text,
      /** storage locations */
      "dpv:hasStorageCondition": Closed({
        "@type": Only("dpv:StorageLocation"),
        "dpv:hasLocation": Only("dpv:WithinDevice"),
      }),
      /** retention period */
      "dpv:hasDuration": Closed({
        "@type": Only("dpv:UntilEventDuration"),
        "limen:event": Text,
      }),
      /** jurisdiction */
      "dpv:hasJurisdiction": Text,
      /** recipient third parties: nobody but the controller */
      "dpv:hasRecipient": Type.Array(Text, { minItems: 1, uniqueItems: true }),
      /** withdrawal method */
      "dpv:hasConsentControl": Closed({ "@type": Only("dpv:WithdrawConsent"), "limen:how": Text }),
    }),
    /** parties */
    "dpv:hasEntity": Type.Array(Party, { minItems: 1 }),
    /** events, oldest first */
    "dpv:hasConsentStatus": Type.Array(Event, { minItems: 1 }),
    /** Set when another way in was lost shortly before: somebody should ask whether this was free (RD-07). */
    "limen:possiblyCoerced": Type.Optional(Type.Boolean()),
  },
  { title: "ConsentRecord", $id: "urn:limen:consent-record:1" },
);
export type ConsentRecord = Static<typeof ConsentRecord>;

/** @throws LimenError `consent-record-bad` naming the field */
export const checkRecord = (record: unknown): ConsentRecord =>
  parse(ConsentRecord, record, "consent-record-bad");
