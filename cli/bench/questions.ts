import { randomInt } from "node:crypto";
import type { Role } from "../../vault/protocol/common.ts";
import { faceDoor } from "./doors/flow.ts";

/** Somebody signed in, before a page. */
export interface Seat {
  role: Role;
  auth: string;
  /** A resident's own id. */
  person?: string;
}

/** One thing a page asks the API. */
export interface Question {
  /** As OpenAPI names it. */
  name: string;
  method: "GET" | "POST";
  roles: readonly string[] | "public" | "signed-in";
  purpose: boolean;
  path(seat: Pick<Seat, "person">): string;
  body?(): object;
}

/** What the OpenAPI document says of an operation, as far as it takes that to ask. */
interface Described {
  "x-roles"?: Question["roles"];
  parameters?: { name: string; in: string; required?: boolean }[];
}

export interface Document {
  paths: Record<string, { get?: Described; post?: Described }>;
}

/** Questions that need more than an id. */
const queries: Readonly<Record<string, () => Record<string, string>>> = {
  "/notices/current": () => ({ method: "face", door: faceDoor }),
  "/notices/consent-form": () => ({ door: faceDoor }),
  "/minors/report": () => ({ year: `${new Date().getFullYear()}` }),
  "/me/entries": () => ({ kind: ["decision", "look-up", "configuration"][randomInt(3)]!, limit: "50" }),
};

/** Questions that are sent as a body, so that what is looked for stays out of addresses. */
const posted: Readonly<Record<string, (residents: number) => object>> = {
  "/persons/search": (residents) => ({ search: `Resident ${randomInt(residents)}` }),
  "/retention/preview": () => ({ class: "entry-events", days: 30 }),
  "/notices/check": () => ({
    text: "From Monday on the gate opens by face for whoever wants it, and by card as before.",
  }),
};

/**
 * Every GET of an OpenAPI document whose ids are those of doors and residents, or that has none; and what is asked by POST.
 * @param people residents' ids
 * @throws Error naming an operation that needs more than is known here: it could only be refused
 */
export function questionsOf({ paths }: Document, people: readonly string[], doors: number): Question[] {
  return Object.entries(paths).flatMap(([path, { get, post }]) => {
    const body = posted[path];
    const asked = body ? post : get;
    const kind = /^\/(persons|doors)\/\{id\}/.exec(path)?.[1];
    const given = (place: string) => (asked?.parameters ?? []).filter((one) => one.in === place);
    if (!asked?.["x-roles"] || (given("path").length > 0 && !(kind && given("path").length === 1))) return [];
    const name = body ? `POST ${path}` : path;
    const query = queries[path] ?? (() => ({}));
    for (const one of given("query"))
      if (one.required && !Object.hasOwn(query(), one.name)) throw new Error(`${name} needs ${one.name}`);
    const idFor = (person = people[randomInt(people.length)]!) =>
      kind === "persons" ? person : `door-${randomInt(doors)}`;
    return [
      {
        name,
        method: body ? ("POST" as const) : ("GET" as const),
        roles: asked["x-roles"],
        purpose: given("header").some((one) => one.name === "Limen-Purpose"),
        path({ person }: Pick<Seat, "person">) {
          const said = new URLSearchParams(query()).toString();
          return `${path.replace("{id}", () => idFor(person))}${said && `?${said}`}`;
        },
        ...(body && { body: () => body(people.length) }),
      },
    ];
  });
}

/** Those a role may ask. */
export const questionsFor = (role: Role, all: readonly Question[]): Question[] =>
  all.filter(({ roles }) => roles === "public" || roles === "signed-in" || roles.includes(role));

export const cookieOf = ({ auth }: Pick<Seat, "auth">): string => `limen_session=${auth}`;

/**
 * Asks it as a page does, and waits for the whole answer.
 * @param url of the site, without a slash at its end
 * @returns ms it took
 * @throws Error naming operation, role, status and code of an answer that is no 2xx: how fast an error comes is not measured
 */
export async function askIt(
  url: string,
  { name, method, purpose, path, body }: Question,
  seat: Seat,
): Promise<number> {
  const begun = performance.now();
  const answer = await fetch(`${url}/api/v1${path(seat)}`, {
    method,
    headers: {
      // with a cookie a page of ours would have to send its own word besides
      ...(body
        ? { authorization: `Bearer ${seat.auth}`, "content-type": "application/json" }
        : { cookie: cookieOf(seat) }),
      ...(purpose ? { "Limen-Purpose": "desk-request" } : {}),
    },
    ...(body && { body: JSON.stringify(body()) }),
  });
  const text = await answer.text();
  const took = performance.now() - begun;
  if (answer.ok) return took;
  const code = /"code":"([a-z-]+)"/.exec(text)?.[1] ?? "";
  throw new Error(`${name} asked by ${seat.role} was answered ${answer.status} ${code}`.trimEnd());
}
