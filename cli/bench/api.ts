import { randomInt } from "node:crypto";
import mqtt from "mqtt";
import type { Role } from "../../vault/protocol/common.ts";
import { cardsADoor, frameOf } from "./doors/cards.ts";
import { faceDoor } from "./doors/flow.ts";
import { type RunningSite, startSite } from "./doors/site.ts";
import { type PaintedWall, paintedWall } from "./painted-wall.ts";
import { percentile, table } from "./statistics.ts";

type Print = (line: string) => void;

export interface ApiBenchOptions {
  residents?: number;
  doors?: number;
  seconds?: number;
}

/** Who sits before the pages of a large estate, 50 in all. */
const staff: Readonly<Partial<Record<Role, number>>> = {
  guard: 20,
  desk: 12,
  manager: 6,
  auditor: 4,
  "privacy-officer": 4,
  technician: 4,
};
/** Residents who look at their own page meanwhile. */
const residentsAsking = 10;
/** Between two calls of one person, ms: a page asks for several things, then is looked at. */
const [leastPause, longestPause] = [300, 1200];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Every page's questions to the API, asked by 50 signed-in staff and some residents at once while cards are tapped at 20
 * doors: the time to each answer, and from a card to the word of it on an open door wall, told and painted.
 */
export async function run(
  print: Print,
  { residents = 1000, doors = 20, seconds = 60 }: ApiBenchOptions = {},
): Promise<void> {
  const site = await startSite(doors, true, {}, true);
  let painted: PaintedWall | undefined;
  try {
    const people = await registerAll(site, residents);
    const seats = [...(await signInAll(site)), ...(await residentsOf(site, people))];
    const questions = await questionsOf(site, people, doors);
    const times = new Map<string, number[]>();
    const refused = new Map<string, number>();
    const guards = seats.filter(({ role }) => role === "guard");
    const walls = new Walls(site, guards.slice(0, 5));
    await walls.open();
    painted = await paintedWall(site.url, cookieOf(guards.at(-1)!), (door, at) => walls.painted(door, at));
    const end = performance.now() + seconds * 1000;
    await Promise.all([
      tap(site, doors, walls, end),
      ...seats.map((seat) => sit(site, seat, questions, { times, refused }, end)),
    ]);
    walls.close();
    const all = [...times.values()].flat();
    print(
      `${residents} residents, ${doors} doors, ${seats.length} sessions, ${seconds} s: ${all.length} answers`,
    );
    const rows = [...times]
      .sort(([, a], [, b]) => percentile(b, 0.95) - percentile(a, 0.95))
      .map(([name, ms]) => [name, String(ms.length), ...shares(ms)]);
    for (const row of table([
      ["question", "n", "p50 ms", "p95", "p99"],
      ...rows,
      ["all", String(all.length), ...shares(all)],
    ]))
      print(row);
    for (const [what, n] of refused) print(`refused: ${what}, ${n} times`);
    print(
      `card bytes in -> told on ${walls.count} open door walls: p50 ${percentile(walls.times, 0.5).toFixed(0)} ms, p95 ${percentile(walls.times, 0.95).toFixed(0)} ms, n ${walls.times.length}`,
    );
    print(
      painted
        ? `card bytes in -> painted on a door wall in a browser: p50 ${percentile(walls.paintings, 0.5).toFixed(0)} ms, p95 ${percentile(walls.paintings, 0.95).toFixed(0)} ms, longest ${Math.max(...walls.paintings).toFixed(0)} ms, n ${walls.paintings.length}`
        : "card bytes in -> painted on a door wall: not measured, there is no browser",
    );
  } finally {
    await painted?.close();
    await site.stop();
  }
}

const shares = (ms: readonly number[]): string[] =>
  [0.5, 0.95, 0.99].map((share) => percentile(ms, share).toFixed(1));

async function registerAll({ client, auth }: RunningSite, residents: number): Promise<string[]> {
  const people: string[] = [];
  for (let n = 0; n < residents; n++) {
    const { id } = await client.call("person.create", {
      auth,
      name: `Resident ${n}`,
      flat: `${1 + (n >> 2)}-${n & 3}`,
    });
    await client.call("credential.issue", {
      auth,
      person: id,
      kind: "card",
      notation: "10H",
      number: (0x0b40400000 + n * 13).toString(16).toUpperCase().padStart(10, "0"),
    });
    people.push(id);
  }
  return people;
}

interface Seat {
  role: Role;
  auth: string;
  /** A resident's own id. */
  person?: string;
}

const cookieOf = ({ auth }: Seat): string => `limen_session=${auth}`;

async function signInAll({ client, operator, operatorAuth }: RunningSite): Promise<Seat[]> {
  const seats: Seat[] = [];
  for (const [role, count] of Object.entries(staff) as [Role, number][]) {
    for (let n = 0; n < count; n++) {
      const name = `${role}-${n}`;
      const password = `bench ${name} bench`;
      await operator.call("staff.add", { auth: operatorAuth, name, role, password });
      const address = `10.0.${role.length}.${n}`;
      const { auth } = await client.call("session.open", { name, password, address });
      seats.push({ role, auth });
    }
  }
  return seats;
}

/** Residents at their own pages; the first of them is whose cards are tapped, and has a history. */
async function residentsOf(
  { client, auth: desk, person: owner }: RunningSite,
  people: readonly string[],
): Promise<Seat[]> {
  const seats: Seat[] = [];
  for (const person of [owner, ...people.slice(0, residentsAsking - 1)]) {
    const { invitation } = await client.call("resident.invite", { auth: desk, person });
    const { auth } = await client.call("session.accept", { invitation, address: `10.1.0.${seats.length}` });
    seats.push({ role: "resident", auth, person });
  }
  return seats;
}

interface Question {
  /** As OpenAPI names it. */
  name: string;
  method: "GET" | "POST";
  roles: readonly string[] | "public";
  purpose: boolean;
  path(seat: Seat): string;
  body?(): object;
}

/** Questions that need more than an id. */
const queries: Readonly<Record<string, () => string>> = {
  "/notices/current": () => `?method=face&door=${faceDoor}`,
  "/minors/report": () => `?year=${new Date().getFullYear()}`,
  "/me/entries": () => `?kind=${["decision", "look-up", "configuration"][randomInt(3)]}&limit=50`,
};

/** Questions that are sent as a body, so that what is looked for stays out of addresses. */
const posted: Readonly<Record<string, (residents: number) => object>> = {
  "/persons/search": (residents) => ({ search: `Resident ${randomInt(residents)}` }),
  "/retention/preview": () => ({ class: "entry-events", days: 30 }),
  "/notices/check": () => ({
    text: "From Monday on the gate opens by face for whoever wants it, and by card as before.",
  }),
};

interface Described {
  "x-roles"?: readonly string[] | "public";
  parameters?: { name: string; in: string; required?: boolean }[];
}

/** Every GET of the OpenAPI document whose ids are those of doors and residents, or that has none; and what is asked by POST. */
async function questionsOf(
  { url }: RunningSite,
  people: readonly string[],
  doors: number,
): Promise<Question[]> {
  const answer = await fetch(`${url}/api/v1/openapi.json`);
  const { paths } = (await answer.json()) as { paths: Record<string, { get?: Described; post?: Described }> };
  return Object.entries(paths).flatMap(([path, { get, post }]) => {
    const body = posted[path];
    const asked = body ? post : get;
    const kind = /^\/(persons|doors)\/\{id\}/.exec(path)?.[1];
    const params = (asked?.parameters ?? []).filter((one) => one.in === "path");
    if (!asked?.["x-roles"] || (params.length > 0 && !(kind && params.length === 1))) return [];
    return [
      {
        name: body ? `POST ${path}` : path,
        method: body ? ("POST" as const) : ("GET" as const),
        roles: asked["x-roles"],
        purpose: asked.parameters?.some(({ name }) => name === "Limen-Purpose") ?? false,
        path: ({ person }: Seat) =>
          path.replace(
            "{id}",
            kind === "persons" ? (person ?? people[randomInt(people.length)]!) : `door-${randomInt(doors)}`,
          ) + (queries[path]?.() ?? ""),
        ...(body && { body: () => body(people.length) }),
      },
    ];
  });
}

async function sit(
  { url }: RunningSite,
  seat: Seat,
  all: readonly Question[],
  { times, refused }: { times: Map<string, number[]>; refused: Map<string, number> },
  end: number,
): Promise<void> {
  const { role, auth } = seat;
  const mine = all.filter(({ roles }) => roles === "public" || roles.includes(role));
  await pause(randomInt(longestPause));
  while (performance.now() < end) {
    const { name, method, purpose, path, body } = mine[randomInt(mine.length)]!;
    const begun = performance.now();
    const answer = await fetch(`${url}/api/v1${path(seat)}`, {
      method,
      headers: {
        // with a cookie a page of ours would have to send its own word besides
        ...(body
          ? { authorization: `Bearer ${auth}`, "content-type": "application/json" }
          : { cookie: cookieOf(seat) }),
        ...(purpose ? { "Limen-Purpose": "desk-request" } : {}),
      },
      ...(body && { body: JSON.stringify(body()) }),
    });
    const text = await answer.text();
    const took = performance.now() - begun;
    if (answer.ok) times.set(name, [...(times.get(name) ?? []), took]);
    else {
      const what = `${name} for ${role}: ${answer.status} ${/"code":"([a-z-]+)"/.exec(text)?.[1] ?? ""}`;
      refused.set(what, (refused.get(what) ?? 0) + 1);
    }
    await pause(randomInt(leastPause, longestPause));
  }
}

/** Cards of random doors, one every 200 ms. */
async function tap({ mqttPort }: RunningSite, doors: number, walls: Walls, end: number): Promise<void> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { protocolVersion: 4 });
  for (let n = 0; performance.now() < end; n++) {
    const door = n % doors;
    walls.tapped(`door-${door}`);
    client.publish(
      `limen/door-${door}/reader`,
      frameOf(door * cardsADoor + (Math.floor(n / doors) % cardsADoor)),
    );
    await pause(200);
  }
  await client.endAsync();
}

/** Open door walls: who listens to the stream of events. */
class Walls {
  readonly times: number[] = [];
  readonly paintings: number[] = [];
  readonly #url: string;
  readonly #seats: readonly Seat[];
  readonly #tapped = new Map<string, number>();
  /** The wall clock's, until it was seen. */
  readonly #unpainted = new Map<string, number>();
  readonly #gone = new AbortController();

  constructor({ url }: RunningSite, seats: readonly Seat[]) {
    this.#url = url;
    this.#seats = seats;
  }

  get count(): number {
    return this.#seats.length;
  }

  async open(): Promise<void> {
    for (const seat of this.#seats) {
      const answer = await fetch(`${this.#url}/api/v1/events/stream`, {
        headers: { cookie: cookieOf(seat) },
        signal: this.#gone.signal,
      });
      if (!answer.ok || !answer.body) throw new Error(`the door wall's stream: ${answer.status}`);
      this.#listen(answer.body).catch(() => undefined); // ends with close
    }
  }

  tapped(door: string): void {
    this.#tapped.set(door, performance.now());
    this.#unpainted.set(door, Date.now());
  }

  /** A tile shows something else since then; the first after a card counts. */
  painted(door: string, at: number): void {
    const tapped = this.#unpainted.get(door);
    if (tapped === undefined || at < tapped) return;
    this.#unpainted.delete(door);
    this.paintings.push(at - tapped);
  }

  close(): void {
    this.#gone.abort();
  }

  async #listen(body: ReadableStream<Uint8Array>): Promise<void> {
    const seen = new Map<string, number>();
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      for (const [, door] of decoder.decode(chunk).matchAll(/^event: door\ndata: \{"door":"([^"]+)"/gm)) {
        const at = this.#tapped.get(door!);
        if (at === undefined || seen.get(door!) === at) continue; // the first word of it counts
        seen.set(door!, at);
        this.times.push(performance.now() - at);
      }
    }
  }
}
