export {
  type Affected,
  Breaches,
  type BreachFacts,
  type BreachView,
  breachKinds,
  breachMeasures,
} from "./breaches.ts";
export {
  type Approver,
  Disclosures,
  type DisclosureView,
  disclosureBases,
  type Scope,
} from "./disclosures.ts";
export { breachDraft, withProcessors } from "./drafts.ts";
export { Minors } from "./minors.ts";
export { type RightsPack, rightsPack } from "./packs.ts";
export { ProcessorFacts, Processors, type ProcessorView, processorData } from "./processors.ts";
export { type Recipient, recipientLines, working } from "./recipients.ts";
export { Requests, type RequestView, refusalGrounds, requestKinds } from "./requests.ts";
export { rightsMigrations } from "./schema.ts";
