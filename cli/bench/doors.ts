import { readFileSync } from "node:fs";
import mqtt, { type MqttClient } from "mqtt";
import { cardsADoor, frameOf } from "./doors/cards.ts";
import { Looks } from "./doors/looks.ts";
import { type RunningSite, startSite } from "./doors/site.ts";
import { percentile, table } from "./statistics.ts";

type Print = (line: string) => void;

export interface DoorsOptions {
  doors?: number;
  /** Taps a door a second. */
  rate?: number;
  seconds?: number;
}

/**
 * The whole way, on the whole system: card bytes published by a reader, the flow, the log on disk, the relay's command
 * back over MQTT. Prints the latencies, also minute by minute, and what both processes hold meanwhile.
 */
export async function run(
  print: Print,
  { doors = 20, rate = 5, seconds = 60 }: DoorsOptions = {},
): Promise<void> {
  const site = await startSite(doors, true);
  try {
    const devices = await connectDevices(site, doors);
    const looks = await Looks.prepare(site, devices);
    await tapAll(devices, { doors, rate, seconds: 3 }, []); // warm
    const times: number[] = [];
    const course: string[][] = [["", "p50 ms", "p95", "Node-RED, MB resident", "vault"]];
    let seen = 0;
    const weigh = (when: string) => {
      const since = times.slice(seen);
      seen = times.length;
      const shares = [0.5, 0.95].map((share) =>
        since.length > 0 ? percentile(since, share).toFixed(1) : "",
      );
      course.push([when, ...shares, String(residentMb(site.nodeRed)), String(residentMb(site.vault))]);
    };
    weigh("before");
    const minutes = setInterval(() => weigh(`minute ${course.length - 1}`), 60_000);
    const looking = looks.begin();
    const lost = await tapAll(devices, { doors, rate, seconds }, times);
    clearInterval(minutes);
    await looks.end(looking);
    weigh("the rest");
    print(
      `${doors} doors, ${rate} taps/s each, ${seconds} s: ${times.length} opened, ${lost} without an answer in 5 s`,
    );
    for (const line of table([
      ["card bytes in -> relay command out, log durable", "p50", "p95", "p99", "max"],
      ["ms", ...[0.5, 0.95, 0.99, 1].map((share) => percentile(times, share).toFixed(1))],
    ])) {
      print(line);
    }
    for (const line of looks.report) print(line);
    for (const line of table(course)) print(line);
    await devices.endAsync();
  } finally {
    await site.stop();
  }
}

async function connectDevices({ mqttPort }: RunningSite, doors: number): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { protocolVersion: 4 });
  client.setMaxListeners(0);
  for (let door = 0; door < doors; door++) await client.subscribeAsync(`limen/door-${door}/relay/set`);
  return client;
}

async function tapAll(
  client: MqttClient,
  { doors, rate, seconds }: Required<DoorsOptions>,
  times: number[],
): Promise<number> {
  const waiting = new Map<string, number[]>();
  const hear = (topic: string): void => {
    const at = waiting.get(topic)?.shift();
    if (at !== undefined) times.push(performance.now() - at);
  };
  client.on("message", hear);
  let sent = 0;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: doors }, async (_, door) => {
      const topic = `limen/door-${door}/relay/set`;
      waiting.set(topic, []);
      await pause((door / doors) * (1000 / rate)); // not all at the same instant
      for (let n = 0; performance.now() - begun < seconds * 1000; n++) {
        waiting.get(topic)!.push(performance.now());
        client.publish(`limen/door-${door}/reader`, frameOf(door * cardsADoor + (n % cardsADoor)));
        sent++;
        await pause(1000 / rate);
      }
    }),
  );
  for (let waited = 0; waited < 50 && times.length < sent; waited++) await pause(100);
  client.off("message", hear);
  return sent - times.length;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const residentMb = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024);
