import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { faceDoors } from "../doors/flow.ts";
import { type RunningSite, startSite } from "../doors/site.ts";
import { percentile, table } from "../statistics.ts";

type Print = (line: string) => void;
type Cells = (string | number)[];

const doors = 4;
const framesASecond = 10;
const longestMs = 6000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * A whole site, Node-RED and vault as processes of their own: at four doors somebody looks at the same moment, again and
 * again. Prints how long each process's event loop was held, at rest and then, and how long the doors took.
 * Everyone enrolled is asked about for every frame, so there are as many of them as a large community has.
 * @param enrol pictures of one person; @param others a picture each of everybody else
 * @param frames what the cameras give, 1080p
 */
export async function fourDoors(
  print: Print,
  enrol: readonly Buffer[],
  others: Iterable<Buffer>,
  frames: readonly Buffer[],
  seconds: number,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "limen-loops-"));
  const end = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const probe = new URL(`./loop-probe.${end}`, import.meta.url).href;
  const site = await startSite(1, doors, {
    LIMEN_LOOP_PROBE: folder,
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --import ${probe}`.trim(),
  });
  try {
    const devices = await mqtt.connectAsync(`mqtt://127.0.0.1:${site.mqttPort}`, { protocolVersion: 4 });
    devices.setMaxListeners(0);
    const enrolled = await everybodyReady(site, enrol, others);
    for (const door of faceDoors(doors)) await devices.subscribeAsync(`limen/${door}/relay/set`);
    await lookAll(site, devices, frames, 3); // warm
    await pause(1500);
    const rest = Date.now();
    await pause(4000);
    const begun = Date.now();
    const { opened, looks } = await lookAll(site, devices, frames, seconds);
    const over = Date.now();
    await pause(600);
    const rows: Cells[] = [["event loop held (ms)", "p50", "p99", "max", "halves of a second above 20 ms"]];
    for (const [name, pid] of [
      ["Node-RED", site.nodeRed],
      ["vault", site.vault],
    ] as const) {
      const lines = linesOf(folder, pid);
      rows.push([`${name}, at rest`, ...held(lines.filter(({ at }) => at > rest && at <= begun))]);
      rows.push([
        `${name}, ${doors} doors matching`,
        ...held(lines.filter(({ at }) => at > begun && at <= over)),
      ]);
    }
    print(
      `\n${doors} doors at once, ${framesASecond} frames/s 1080p each, ${seconds} s, one worker, ${enrolled} people enrolled: ${opened.length} of ${looks} looks opened, ` +
        `button -> relay command p50 ${ms(opened, 0.5)} p95 ${ms(opened, 0.95)} ms`,
    );
    for (const line of table(rows)) print(line);
    await devices.endAsync();
  } finally {
    await site.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const ms = (values: readonly number[], share: number): string =>
  values.length > 0 ? percentile(values, share).toFixed(0) : "–";

interface Held {
  at: number;
  p50: number;
  p99: number;
  max: number;
}

const linesOf = (folder: string, pid: number): Held[] =>
  readFileSync(join(folder, `${pid}.loop`), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Held);

function held(lines: readonly Held[]): Cells {
  const p50 = percentile(
    lines.map((line) => line.p50),
    0.5,
  );
  const worst = (of: (line: Held) => number) => Math.max(...lines.map(of));
  const long = lines.filter(({ max }) => max > 20).length;
  return [
    p50.toFixed(1),
    worst(({ p99 }) => p99).toFixed(1),
    worst(({ max }) => max).toFixed(1),
    `${long} of ${lines.length}`,
  ];
}

/** As many as the goals of the design speak of. */
const mostPeople = 1000;

/** @returns how many people are enrolled at all doors */
async function everybodyReady(
  { client, auth, person }: RunningSite,
  enrol: readonly Buffer[],
  others: Iterable<Buffer>,
): Promise<number> {
  while (!(await client.call("health", {})).faces.ready) await pause(100);
  const notice = await client.call("notice.current", {
    method: "face",
    door: faceDoors(1)[0]!,
    language: "en-US",
  });
  const enrolOne = async (who: string, pictures: readonly Buffer[]): Promise<void> => {
    await client.call("consent.give", {
      auth,
      person: who,
      purpose: "door-entry",
      method: "face",
      doors: [...faceDoors(doors)],
      notice: notice.id,
      givenBy: "self",
      channel: "desk",
    });
    await client.call("face.enrol", { auth, person: who }, pictures);
  };
  await enrolOne(
    person,
    enrol.map((picture) => Buffer.from(picture)),
  );
  for (const picture of others) {
    if ((await client.call("health", {})).faces.enrolled >= mostPeople) break;
    const { id } = await client.call("person.create", { auth, name: "Neighbour", birthDate: "1980-05-01" });
    await enrolOne(id, [picture]).catch(() => undefined); // a picture that will not do
  }
  return (await client.call("health", {})).faces.enrolled;
}

/** All four press their buttons together and look until each has an answer, for so long. */
async function lookAll(
  site: RunningSite,
  devices: MqttClient,
  frames: readonly Buffer[],
  seconds: number,
): Promise<{ opened: number[]; looks: number }> {
  const opened: number[] = [];
  let looks = 0;
  let over = false;
  const cameras = faceDoors(doors).map(async (door, place) => {
    for (let n = place; !over; n++) {
      const frame = Buffer.from(frames[n % frames.length]!);
      await site.client.call("frame", { camera: `${door}-camera` }, [frame]).catch(() => undefined); // between looks
      await pause(1000 / framesASecond);
    }
  });
  for (const until = performance.now() + seconds * 1000; performance.now() < until; ) {
    looks += doors;
    const took = await Promise.all(faceDoors(doors).map((door) => look(devices, door)));
    opened.push(...took.filter((one) => one !== undefined));
    await pause(200);
  }
  over = true;
  await Promise.all(cameras);
  return { opened, looks };
}

function look(devices: MqttClient, door: string): Promise<number | undefined> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const settle = (took: number | undefined): void => {
      clearTimeout(late);
      devices.off("message", hear);
      resolve(took);
    };
    const hear = (topic: string): void => {
      if (topic === `limen/${door}/relay/set`) settle(performance.now() - begun);
    };
    const late = setTimeout(() => settle(undefined), longestMs);
    devices.on("message", hear);
    devices.publish(`limen/${door}/button`, String(begun));
  });
}
