export { type Author, Decisions } from "./book.ts";
export { overBefore } from "./keeping.ts";
export { decisionMigrations } from "./migrations.ts";
export { facesOf, isKind, papersFrom, standing } from "./project.ts";
export { type KeptRecord, ProcessingRecords } from "./records.ts";
export { cites, citing, type Entry, type EntryKind, entryFields, NewEntry, type Recorded } from "./schema.ts";
export { lackingAt, lackingFor, numbersOf } from "./state.ts";
