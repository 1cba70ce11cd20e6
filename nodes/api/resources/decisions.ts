import {
  cites,
  type Entry,
  formWords,
  NewEntry,
  recordPaper,
  sayEntry,
  sayWho,
} from "../../../core/decisions/index.ts";
import { flowHash } from "../../../core/policy/flow-hash.ts";
import { lacks } from "../../../core/policy/in-force.ts";
import { type DoorFacts, siteFacts } from "../../../core/policy/papers/facts.ts";
import { paperKinds, papersOf } from "../../../core/policy/papers/index.ts";
import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { keysOf, sentence, type Language as Tongue } from "../../../core/words.ts";
import { DateTime, Id } from "../../../vault/protocol/common.ts";
import type { Answer } from "../../../vault/protocol/index.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { FileAnswer, fileRoute } from "../files.ts";
import { type ApiDeps, route } from "../route.ts";
import { Language, present } from "../shapes.ts";
import { fileOf, flowOf, formats, OfFlow } from "./papers.ts";

const Pair = Type.Array(Type.String(), { minItems: 2, maxItems: 2, description: "label and value" });

const RecordedOut = Closed(
  {
    id: Type.String(),
    kind: Type.String(),
    at: DateTime,
    who: Type.String(),
    corrected: Type.Boolean({ description: "a later entry stands in its place" }),
    said: Type.Array(Pair, { description: "what it says, in the request's language" }),
    entry: Type.Unknown({ description: "as it was handed in, for whoever corrects it" }),
  },
  { title: "DecisionEntry" },
);

/** Doors with a face, as a flow has them. */
const facesOf = (flow: readonly object[]): DoorFacts[] => siteFacts(flow).doors.filter(({ face }) => face);

async function stateOf(call: ApiDeps & { auth: string }, of: "running" | "draft") {
  const flow = flowOf(call, of);
  const faces = facesOf(flow);
  const doors = faces.map(({ id, name, spelt }) => ({ id, name, facts: spelt }));
  const state = await call.vault.call("decision.read", { auth: call.auth, doors });
  return { flow, faces, state };
}

type State = Answer<"decision.read">;
const entryOf = ({ entry }: State["entries"][number]): Entry => entry as unknown as Entry;

const namer = (state: State) => (id: string) => state.doors.find((door) => door.id === id)?.name ?? id;

function out(state: State, language: Tongue) {
  return state.entries.map((recorded) => ({
    id: recorded.id,
    kind: entryOf(recorded).kind,
    at: recorded.at,
    who: sayWho(recorded, language),
    corrected: recorded.corrected,
    said: sayEntry(entryOf(recorded), language, namer(state)).map(([label, value]) => [label, value]),
    entry: recorded.entry as unknown,
  }));
}

/** An entry about what the flow says is about doors of one set of facts: one handed in for several becomes several. */
function withFacts(entry: { kind: string; doors?: string[] }, faces: readonly DoorFacts[]): Entry[] {
  if (!cites(entry.kind)) return [entry as unknown as Entry];
  const groups = new Map<string, string[]>();
  for (const door of entry.doors ?? []) {
    const facts = faces.find(({ id }) => id === door)?.spelt ?? "";
    groups.set(facts, [...(groups.get(facts) ?? []), door]);
  }
  return [...groups].map(([facts, doors]) => ({ ...entry, doors, facts }) as unknown as Entry);
}

/** What owners, manager and privacy officer decided, published and assessed before a face may start (RD-56 to RD-58). */
export const decisions = [
  route({
    method: "get",
    path: "/decisions",
    summary: "The decision record: what each door's face still lacks, and every entry.",
    roles: verbs["decision.read"].roles!,
    query: Closed({ of: OfFlow }),
    answer: Closed({
      flow: Type.String({ description: "SHA-256 of the flow it is about, lower-case hex" }),
      demonstration: Type.Boolean(),
      draft: Type.Boolean({ description: "whether a flow waits for its papers" }),
      doors: Type.Array(
        Closed({
          id: Id,
          name: Type.String(),
          mode: OneOf(["1:N", "1:1"]),
          armed: Type.Boolean({ description: "whether a face may be compared there now" }),
          lacking: Type.Array(Closed({ code: OneOf(lacks), sentence: Type.String() })),
          ending: Type.Array(
            Closed({
              code: OneOf(["assessment-due", "assessment-incident"]),
              at: DateTime,
              sentence: Type.String(),
            }),
            { description: "what stops faces here on a day unless an assessment is made again" },
          ),
        }),
      ),
      faces: Closed({
        here: Type.Integer({ description: "stored on this box, counted" }),
        elsewhere: Type.Integer({ description: "told for other communities of the same controller" }),
        threshold: Type.Optional(Type.Integer()),
        warn: Type.Boolean(),
        file_by: Type.Optional(DateTime),
      }),
      numbers: Closed({ vote: Type.Boolean(), notice_days: Type.Integer(), kept_days: Type.Integer() }),
      papers: Type.Array(
        Closed({
          kind: OneOf(paperKinds),
          by_notice: Type.Boolean({ description: "one for each group of doors with a notice of its own" }),
        }),
        { description: "those this flow makes: `/flow/papers/{kind}`" },
      ),
      entries: Type.Array(RecordedOut),
      words: Type.Record(Type.String(), Type.String(), { description: "labels, in the request's language" }),
    }),
    async handle(call) {
      const { of } = call.query;
      const { flow, faces, state } = await stateOf(call, of);
      const { here, elsewhere, threshold, warn, fileBy } = state.faces;
      const { vote, noticeDays, keptDays } = state.numbers;
      const { language } = call;
      return {
        flow: flowHash(flow),
        demonstration: siteFacts(flow).demonstration,
        draft: call.draft() !== undefined,
        doors: state.doors.map(({ lacking, ending, ...door }) => ({
          ...door,
          ending: ending.map(({ lack, at }) => ({
            code: lack,
            at,
            sentence: sentence(language, `decision.ending.${lack}`, { at: at.slice(0, 10) }),
          })),
          mode: faces.find(({ id }) => id === door.id)?.material.mode ?? "1:N",
          lacking: lacking.map((code) => ({
            code,
            sentence: sentence(language, `rule.notice-in-force.${code}`, { door: door.name }),
          })),
        })),
        faces: { here, elsewhere, warn, ...present({ threshold, file_by: fileBy }) },
        numbers: { vote, notice_days: noticeDays, kept_days: keptDays },
        papers: papersOf(faces.length > 0).map(({ kind, byNotice }) => ({ kind, by_notice: byNotice })),
        entries: out(state, language),
        words: formWords(language, keysOf(language)),
      };
    },
  }),
  route({
    method: "post",
    path: "/decisions",
    summary: "Add an entry to the decision record. What the flow says is filled in; nothing is ever altered.",
    roles: verbs["decision.add"].roles!,
    fresh: verbs["decision.add"].fresh,
    body: Closed({ of: Type.Optional(OfFlow), entry: NewEntry }),
    answer: Closed({ ids: Type.Array(Type.String()) }),
    status: 201,
    handle(call) {
      const { entry, of = "running" } = call.body;
      const made = entry as { kind: string; doors?: string[] };
      const faces = cites(made.kind) ? facesOf(flowOf(call, of)) : [];
      return call.vault.call("decision.add", { auth: call.auth, entries: withFacts(made, faces) as never });
    },
  }),
  fileRoute({
    method: "get",
    path: "/decisions/paper",
    summary: "The decision record as a paper, to be printed for the owners.",
    roles: verbs["decision.read"].roles!,
    query: Closed({
      language: Type.Optional(Language),
      format: OneOf(formats, { default: "html" }),
      of: OfFlow,
    }),
    answer: FileAnswer,
    async handle(call) {
      const { format, language = call.language, of } = call.query;
      const { flow, state } = await stateOf(call, of);
      const entries = state.entries.map((one) => ({ ...one, by: "", entry: entryOf(one) }));
      const { doors, faces } = state;
      const document = recordPaper({ site: siteFacts(flow).name, doors, faces, entries }, language);
      const made = call.clock.now();
      return fileOf(document, { format, name: "limen-decision-record", hash: flowHash(flow), made });
    },
  }),
  route({
    method: "get",
    path: "/decisions/processing-records",
    summary:
      "Records of processing of the flows that were in service, newest first, as they were (PIPL 55, 56; GDPR 30).",
    roles: verbs["decision.records"].roles!,
    query: Closed({ language: Type.Optional(Language) }),
    answer: Closed({
      records: Type.Array(
        Closed({
          flow: Type.String({ description: "SHA-256 of the flow, lower-case hex" }),
          at: DateTime,
          until: Type.Optional(DateTime),
          text: Type.String(),
        }),
      ),
    }),
    async handle(call) {
      const { records } = await call.vault.call("decision.records", { auth: call.auth });
      const { language = call.language } = call.query;
      return {
        records: records.map(({ texts, flow, at, until }) => ({
          flow,
          at,
          ...present({ until }),
          text: texts[language],
        })),
      };
    },
  }),
];
