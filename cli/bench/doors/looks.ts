import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MqttClient } from "mqtt";
import sharp from "sharp";
import { percentile } from "../statistics.ts";
import { faceDoor } from "./flow.ts";
import type { RunningSite } from "./site.ts";

const framesASecond = 10;
/** Between two looks, ms. */
const pauseMs = 500;
const longestMs = 6000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Somebody who agreed to face entry looks into the camera of one more door, again and again, as at a real gate. */
export class Looks {
  readonly report: string[] = [];
  readonly #site: RunningSite;
  readonly #devices: MqttClient;
  readonly #frames: readonly Buffer[];
  #ended = false;

  private constructor(site: RunningSite, devices: MqttClient, frames: readonly Buffer[]) {
    this.#site = site;
    this.#devices = devices;
    this.#frames = frames;
  }

  /** Enrols one person of the test faces (`LIMEN_FACES`); without faces or models no look is taken, and that is said. */
  static async prepare(site: RunningSite, devices: MqttClient): Promise<Looks> {
    const pictures = picturesOfOne();
    const why = await missing(site, pictures);
    if (why !== undefined) {
      const none = new Looks(site, devices, []);
      none.report.push(`no face was matched in between: ${why}`);
      return none;
    }
    const { client, auth, person } = site;
    const notice = await client.call("notice.current", { method: "face", door: faceDoor, language: "en-US" });
    await client.call("consent.give", {
      auth,
      person,
      purpose: "door-entry",
      method: "face",
      doors: [faceDoor],
      notice: notice.id,
      givenBy: "self",
      channel: "desk",
    });
    await client.call(
      "face.enrol",
      { auth, person },
      pictures.slice(0, 3).map((file) => readFileSync(file)),
    );
    await devices.subscribeAsync(`limen/${faceDoor}/relay/set`);
    return new Looks(site, devices, await moving(readFileSync(pictures.at(-1)!)));
  }

  /** @returns what `end` waits for */
  async begin(): Promise<void> {
    if (this.#frames.length === 0) return;
    const times: number[] = [];
    let looks = 0;
    const done = this.#show();
    while (!this.#ended) {
      looks++;
      const took = await this.#look();
      if (took !== undefined) times.push(took);
      await pause(pauseMs);
    }
    await done;
    const middle =
      times.length > 0 ? `, button -> relay command p50 ${percentile(times, 0.5).toFixed(0)} ms` : "";
    this.report.push(
      `meanwhile ${looks} looks at ${framesASecond} frames/s at one more door: ${times.length} opened${middle}`,
    );
  }

  async end(looking: Promise<void>): Promise<void> {
    this.#ended = true;
    await looking;
  }

  /** The camera: the vault takes pictures while a look is running, and refuses them otherwise. */
  async #show(): Promise<void> {
    for (let n = 0; !this.#ended; n++) {
      const frame = this.#frames[n % this.#frames.length]!;
      await this.#site.client.call("frame", { camera: `${faceDoor}-camera` }, [frame]).catch(() => undefined);
      await pause(1000 / framesASecond);
    }
  }

  #look(): Promise<number | undefined> {
    const begun = performance.now();
    return new Promise((resolve) => {
      const settle = (took: number | undefined): void => {
        clearTimeout(late);
        this.#devices.off("message", hear);
        resolve(took);
      };
      const hear = (topic: string): void => {
        if (topic === `limen/${faceDoor}/relay/set`) settle(performance.now() - begun);
      };
      const late = setTimeout(() => settle(undefined), longestMs);
      this.#devices.on("message", hear);
      this.#devices.publish(`limen/${faceDoor}/button`, String(begun));
    });
  }
}

async function missing({ client }: RunningSite, pictures: readonly string[]): Promise<string | undefined> {
  if (pictures.length < 4) return "there are no test faces (set LIMEN_FACES)";
  const health = await client.call("health", {});
  if (health.faces.missing.length > 0) return `model files are missing: ${health.faces.missing.join(", ")}`;
  for (let waited = 0; !(await client.call("health", {})).faces.ready; waited++) {
    if (waited > 300) return "the models did not load";
    await pause(100);
  }
  return (await client.call("health", {})).armed.face ? undefined : "face entry is not armed";
}

/** Files of the first person of whom there are four pictures. */
function picturesOfOne(): string[] {
  const folder = join(process.env.LIMEN_FACES ?? "../shared/faces", "dev/asian");
  if (!existsSync(folder)) return [];
  for (const person of readdirSync(folder).sort()) {
    const files = readdirSync(join(folder, person)).filter((file) => file.endsWith(".jpg"));
    if (files.length >= 4) return files.sort().map((file) => join(folder, person, file));
  }
  return [];
}

/** One picture as a camera would give it several times: never the same bytes, size or light twice. */
async function moving(picture: Buffer): Promise<Buffer[]> {
  const { width = 640 } = await sharp(picture).metadata();
  return await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      sharp(picture)
        .resize(Math.round(width * (1 + 0.02 * (n % 6))))
        .modulate({ brightness: 1 - 0.01 * (n % 5) })
        .jpeg({ quality: 94 - n })
        .toBuffer(),
    ),
  );
}
