import { t } from "../shared/words.ts";

/** As much of a signed receipt as is shown in words; the QR code holds all of it. */
export type Receipt = ConsentReceipt | ErasureReceipt | RequestReceipt;

interface Signed {
  signature: { key: string };
}

interface ConsentReceipt extends Signed {
  "@type": string;
  "dct:identifier": string;
  "limen:record": {
    "dct:identifier": string;
    "dpv:hasConsentStatus": { "limen:state": string; "dct:date": string }[];
    "dpv:hasEntity": { "dpv:hasName"?: string; "dpv:hasContact"?: string }[];
    "dpv:hasNotice": { "dct:identifier": string };
    "dpv:hasProcess": { "limen:doors": string[] };
  };
}

interface RequestReceipt extends Signed {
  type: "limen-request-receipt";
  id: string;
  kind: string;
  filed: string;
  due: string;
  state: string;
  closed?: string;
}

interface ErasureReceipt extends Signed {
  type: "limen-erasure-receipt";
  id: string;
  scope: string;
  copies: { copy: string; state: string; at?: string }[];
  log: { origin: string; index: number };
}

/** A line of the page: `name` is a key of the catalogue, `at` a time. */
export interface Fact {
  name: string;
  value?: string;
  at?: string;
}

export function factsOf(receipt: Receipt): { title: string; facts: Fact[]; lines: Fact[] } {
  if ("limen:record" in receipt) return consent(receipt);
  return receipt.type === "limen-request-receipt" ? request(receipt) : erasure(receipt);
}

function consent(receipt: ConsentReceipt): ReturnType<typeof factsOf> {
  const record = receipt["limen:record"];
  const facts: Fact[] = [
    { name: "receipt.number", value: receipt["dct:identifier"] },
    { name: "receipt.consent", value: record["dct:identifier"] },
    { name: "receipt.doors", value: record["dpv:hasProcess"]["limen:doors"].join(", ") },
    { name: "receipt.notice", value: record["dpv:hasNotice"]["dct:identifier"] },
    ...record["dpv:hasEntity"].map((entity) => ({
      name: "receipt.controller",
      value: [entity["dpv:hasName"], entity["dpv:hasContact"]].filter(Boolean).join(", "),
    })),
  ];
  const lines = record["dpv:hasConsentStatus"].map((status) => ({
    name: `receipt.state-${status["limen:state"]}`,
    at: status["dct:date"],
  }));
  return { title: "receipt.consent-title", facts, lines };
}

function request({ id, kind, filed, due, state, closed }: RequestReceipt): ReturnType<typeof factsOf> {
  const facts: Fact[] = [
    { name: "receipt.number", value: id },
    { name: "receipt.request", value: t(`rights.kind-${kind}`) },
    { name: "receipt.filed", at: filed },
    { name: "receipt.due", at: due },
  ];
  const lines = closed === undefined ? [] : [{ name: `receipt.request-${state}`, at: closed }];
  return { title: "receipt.request-title", facts, lines };
}

function erasure({ id, scope, copies, log }: ErasureReceipt): ReturnType<typeof factsOf> {
  const facts: Fact[] = [
    { name: "receipt.number", value: id },
    { name: "receipt.scope", value: t(`receipt.scope-${scope}`) },
    { name: "receipt.log", value: `${log.origin} ${log.index}` },
  ];
  const lines = copies.map(({ copy, state, at }) => ({
    name: `receipt.copy-${state}`,
    value: copy,
    ...(at === undefined ? {} : { at }),
  }));
  return { title: "receipt.erasure-title", facts, lines };
}
