export { type ConsentDeps, Consents, type Together } from "./ledger.ts";
export { Notices } from "./notices.ts";
export { type ConsentReceipt, verifyReceipt } from "./receipt.ts";
export { ConsentRecord, checkRecord } from "./record.ts";
export { ConsentRequest } from "./rules.ts";
export { consentMigrations } from "./schema.ts";
export { canonical, type Signed, type Signer, signerFrom, signJson, verifyJson } from "./signed.ts";
export * from "./types.ts";
