export { type Author, Decisions } from "./book.ts";
export { overBefore } from "./keeping.ts";
export { decisionMigrations } from "./migrations.ts";
export { type PaperState, recordPaper } from "./paper.ts";
export { correctedIn, facesOf, isKind, papersFrom, standing } from "./project.ts";
export { type KeptRecord, ProcessingRecords } from "./records.ts";
export { formWords, type Said, sayEntry, sayWho } from "./say.ts";
export { cites, citing, type Entry, type EntryKind, entryFields, NewEntry, type Recorded } from "./schema.ts";
export { lackingAt, lackingFor, numbersOf } from "./state.ts";
