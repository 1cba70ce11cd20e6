import { randomInt } from "node:crypto";
import mqtt from "mqtt";
import type { Role } from "../../vault/protocol/common.ts";
import { cardsADoor, frameOf } from "./doors/cards.ts";
import { type RunningSite, startSite } from "./doors/site.ts";
import { type PaintedWall, paintedWall } from "./painted-wall.ts";
import {
  askIt,
  cookieOf,
  type Document,
  type Question,
  questionsFor,
  questionsOf,
  type Seat,
} from "./questions.ts";
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

/** Documents and whole checks, seconds of work each: nobody's page asks for them by itself. Asked this much less often. */
const onDemand: ReadonlySet<string> = new Set([
  "/notices/consent-form",
  "/persons/{id}/export",
  "/log/coverage",
  "/minors/report",
]);
const rarer = 20;

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
    const described = await fetch(`${site.url}/api/v1/openapi.json`);
    const questions = questionsOf((await described.json()) as Document, people, doors);
    await rehearse(site, seats, questions);
    const times = new Map<string, number[]>();
    const guards = seats.filter(({ role }) => role === "guard");
    const walls = new Walls(site, guards.slice(0, 5));
    await walls.open();
    painted = await paintedWall(site.url, cookieOf(guards.at(-1)!), (door, at) => walls.painted(door, at));
    const end = performance.now() + seconds * 1000;
    await Promise.all([
      tap(site, doors, walls, end),
      ...seats.map((seat) => sit(site, seat, questions, times, end)),
    ]);
    walls.close();
    const all = [...times.values()].flat();
    const pages = [...times].flatMap(([name, ms]) => (onDemand.has(name) ? [] : ms));
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
      ["without documents and checks made on demand", String(pages.length), ...shares(pages)],
    ]))
      print(row);
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

/**
 * Asks everything once for each role before anything is timed: what is refused says so at once and all together.
 * @throws Error naming every operation that was not answered 2xx
 */
async function rehearse(
  { url }: RunningSite,
  seats: readonly Seat[],
  questions: readonly Question[],
): Promise<void> {
  const refused: string[] = [];
  for (const seat of new Map(seats.map((one) => [one.role, one])).values())
    for (const question of questionsFor(seat.role, questions))
      await askIt(url, question, seat).catch((error: Error) => refused.push(error.message));
  if (refused.length > 0) throw new Error(refused.join("\n"));
}

async function sit(
  { url }: RunningSite,
  seat: Seat,
  questions: readonly Question[],
  times: Map<string, number[]>,
  end: number,
): Promise<void> {
  const mine = questionsFor(seat.role, questions);
  await pause(randomInt(longestPause));
  while (performance.now() < end) {
    const question = mine[randomInt(mine.length)]!;
    if (onDemand.has(question.name) && randomInt(rarer) > 0) continue;
    const took = await askIt(url, question, seat);
    times.set(question.name, [...(times.get(question.name) ?? []), took]);
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
