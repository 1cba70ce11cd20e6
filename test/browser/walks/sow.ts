import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  anyWords,
  bodies,
  isFree,
  type Known,
  type Operation,
  operations,
  places,
  type Schema,
  sample,
} from "../../api/document.ts";
import { api, shippedDoors, shippedFlow } from "./stage.ts";

/** A sign of one field's own: taken for HTML it would be an element, and nothing else in a page is one like it. */
export const mark = (n: number): string => `<i sown>${n}</i>`;
export const sownElements = "i[sown]";
export const marksIn = (text: string): number[] =>
  [...text.matchAll(/<i sown>(\d+)<\/i>/g)].map(([, n]) => Number(n));

const kept = "nothing of it is kept";
/** Operations with free words that no page could show, each with its reason. */
export const notSown: Record<string, string> = {
  "POST /session": kept,
  "POST /session/proof": kept,
  "PUT /session/password": kept,
  "POST /session/passkey": kept,
  "POST /session/invitation": kept,
  "POST /session/passkeys": "an authenticator's own; its name is drawn in test/browser/passkeys.test.ts",
  "POST /session/passkeys/challenge": kept,
  "PATCH /session/passkeys/{id}": "of a passkey, as above",
  "POST /session/confirmation": kept,
  "POST /lost-cards": kept,
  "POST /persons/search": kept,
  "POST /notices/check": kept,
  "POST /receipts/paper": kept,
  "POST /persons/{id}/credentials": "a card's number in its notation; anything else is refused",
  "POST /persons/{id}/consents": "the id of a notice in force",
  "PUT /papers": "kept as entries of the decision record, which are sown kind by kind",
};

/** The shipped flow with a sign in every name an installer may give. */
export function sownFlow(): { flow: object[]; fields: Map<number, string> } {
  const fields = new Map<number, string>();
  const words = ["name", "label", "controllerName", "controllerContact", "controllerAddress"];
  const flow = shippedFlow.map((node) => {
    const changed: Record<string, unknown> = { ...node };
    for (const key of words) {
      if (typeof node[key] !== "string" || node[key] === "") continue;
      const n = 1000 + fields.size;
      fields.set(n, `${node.type} ${key}`);
      changed[key] = `${node[key]} ${mark(n)}`;
    }
    return changed;
  });
  return { flow, fields };
}

const hour = 3_600_000;
const at = (ms: number) => (schema: Schema) => {
  const time = new Date(Date.now() + ms).toISOString();
  return schema.enum ? schema.enum[0] : schema.format === "date" ? time.slice(0, 10) : time;
};

/**
 * Puts a sign into every free field of every operation of the OpenAPI document that writes one.
 * @param page of somebody who may do all of it
 * @returns which sign is in which field, and the person they are about
 */
export async function sow(page: Page): Promise<{ fields: Map<number, string>; person: string }> {
  const fields = new Map<number, string>();
  const refused: string[] = [];
  const ids: Record<string, string> = {};
  const [door] = shippedDoors;
  const known: Known = {
    doors: [door],
    opens: [door],
    door,
    birth_date: "1960-05-01",
    password: "a long password of the house",
    // of whom it is once there is somebody
    person: () => ids.persons,
    members: () => [ids.persons],
    processor: () => ids.processors,
    cites: () => ids.decisions,
    corrects: undefined,
    // a leaf of the log would have to be their own refusal; of a decision it is the whole of it
    entry: (schema: Schema) => (schema.type === "integer" ? undefined : sample(schema, known, true)),
    two: false,
    no_visitors: true,
    all: 10,
    part: 9,
    agreed: 8,
    households: 10,
    withheld: undefined,
    names: false,
    drill: false,
    ads: "none",
    start: undefined,
    from: at(-hour),
    to: at(0),
    aware: at(-hour),
    asked: at(-48 * hour),
    given: at(0),
    until: at(100 * hour),
    expires: at(100 * hour),
    end: at(hour),
    review: at(9000 * hour),
    held: at(-hour),
    up: at(-hour),
    published: at(-hour),
    on: at(0),
    at: at(-hour),
    faces: 0,
    reached: 0,
    digest: undefined,
  };
  const send = async (operation: Operation, body: Schema): Promise<void> => {
    known[anyWords] = (name: string, { maxLength = 1000 }: Schema): string => {
      const n = fields.size + 1;
      fields.set(n, `${operation.name} ${name}`);
      const words = name === "name" ? `${mark(n)}周敏` : `words ${mark(n)}`;
      assert.ok(words.length <= maxLength, `${operation.name} ${name}: room for a sign`);
      return words;
    };
    const kind = operation.path.split("/")[1]!;
    if (operation.path.includes("{id}") && !ids[kind]) refused.push(`${operation.name}: no ${kind}`);
    const takesBack = body.properties?.entry?.properties?.kind?.const === "void";
    known.corrects = takesBack ? ids.decisions : undefined;
    // an entry that corrects nothing gives no reason for it
    if (operation.path === "/decisions" && !takesBack) known.reason = undefined;
    const whole = sample(body, known, true) as object;
    delete known.reason;
    const path = operation.path.replace("{id}", ids[kind] ?? "");
    const answer = await api(page, operation.method, path, whole);
    if (answer.http >= 300) refused.push(`${operation.name}: ${JSON.stringify(answer)}`);
    const made =
      answer.id ?? (answer.ids as string[] | undefined)?.[0] ?? (answer.request as { id?: string })?.id;
    if (typeof made === "string" && !operation.path.includes("{id}")) ids[kind] = made;
  };
  const writing = operations().filter(
    (operation) =>
      operation.method !== "GET" &&
      places(operation).some(({ in: place, schema }) => place === "body" && isFree(schema)),
  );
  for (const name of Object.keys(notSown))
    assert.ok(
      writing.some((one) => one.name === name),
      name,
    );
  const due = writing.filter(({ name }) => !(name in notSown));
  // what others are about comes before them, and what ends something after everything else
  const rank = ({ path }: Operation): number =>
    path === "/persons"
      ? 0
      : path === "/processors"
        ? 1
        : !path.includes("{id}")
          ? 2
          : path.endsWith("/answer") || path.endsWith("/end")
            ? 4
            : 3;
  for (const operation of due.toSorted((a, b) => rank(a) - rank(b)))
    for (const body of bodies(operation)) await send(operation, body);
  assert.deepEqual(refused, []);
  return { fields, person: ids.persons! };
}
