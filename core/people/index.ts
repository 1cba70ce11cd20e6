export { Accounts, firstManagerName } from "./accounts.ts";
export { type CardIssue, Credentials } from "./credentials.ts";
export { type IssuedPass, Passes, type PassOrder, type PassView, passMigrations } from "./passes.ts";
export { type Holder, Passkeys, type PasskeyView } from "./passkeys.ts";
export { Persons } from "./persons.ts";
export { peopleMigrations } from "./schema.ts";
export { SignIn } from "./sign-in.ts";
export * from "./types.ts";
