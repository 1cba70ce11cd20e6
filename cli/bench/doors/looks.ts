import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MqttClient } from "mqtt";
import sharp from "sharp";
import { percentile } from "../statistics.ts";
import { faceDoor } from "./flow.ts";
import type { RunningSite } from "./site.ts";

const framesASecond = 10;
/** Two seconds of somebody coming nearer; then the next look begins. */
const framesALook = 20;
/** Between two looks, ms. */
const pauseMs = 500;
const longestMs = 6000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Somebody who agreed to face entry looks into the camera of one more door, again and again, as at a real gate. */
export class Looks {
  readonly report: string[] = [];
  readonly #site: RunningSite;
  readonly #devices: MqttClient;
  #frames: readonly Buffer[] = [];
  #frame = 0;
  #ended = false;

  private constructor(site: RunningSite, devices: MqttClient) {
    this.#site = site;
    this.#devices = devices;
  }

  /** Enrols somebody of the test faces (`LIMEN_FACES`) whom a look opens for; without faces or models no look is taken, and that is said. */
  static async prepare(site: RunningSite, devices: MqttClient): Promise<Looks> {
    const people = peopleWithPictures();
    const why = await missing(site, people.length);
    const looks = new Looks(site, devices);
    if (why !== undefined) {
      looks.report.push(`no face was matched in between: ${why}`);
      return looks;
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
    await devices.subscribeAsync(`limen/${faceDoor}/relay/set`);
    for (const pictures of people) if (await looks.#sits(pictures)) return looks;
    looks.#frames = [];
    looks.report.push("no face was matched in between: none of the test pictures passed for alive");
    return looks;
  }

  /** Enrols one person; whether a look at them opens. Many test pictures are copies of copies, and pass for no one. */
  async #sits(pictures: readonly string[]): Promise<boolean> {
    const { client, auth, person } = this.#site;
    const enrolled = await client
      .call(
        "face.enrol",
        { auth, person },
        pictures.slice(0, 3).map((file) => readFileSync(file)),
      )
      .then(
        () => true,
        () => false,
      );
    if (!enrolled) return false;
    this.#frames = await moving(readFileSync(pictures[0]!));
    const showing = this.#show();
    const took = await this.#look();
    this.#ended = true;
    await showing;
    this.#ended = false;
    return took !== undefined;
  }

  /** @returns what `end` waits for */
  async begin(): Promise<void> {
    if (this.#frames.length === 0) return;
    const refused = new Map<string, number>();
    this.#site.client.on("event", (told) => {
      if (told.event !== "attempt" || told.attempt.door !== faceDoor || !told.attempt.record) return;
      const { outcome, code = "" } = told.attempt;
      if (outcome === "denied") refused.set(code, (refused.get(code) ?? 0) + 1);
    });
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
    const why = [...refused].map(([code, n]) => `${n} ${code}`).join(", ");
    this.report.push(
      `meanwhile ${looks} looks at ${framesASecond} frames/s at one more door: ${times.length} opened${middle}${why && `; refused: ${why}`}`,
    );
  }

  async end(looking: Promise<void>): Promise<void> {
    this.#ended = true;
    await looking;
  }

  /** The camera: the vault takes pictures while a look is running, and refuses them otherwise. */
  async #show(): Promise<void> {
    for (; !this.#ended; this.#frame++) {
      const frame = this.#frames[Math.min(this.#frame, framesALook - 1)]!;
      await this.#site.client.call("frame", { camera: `${faceDoor}-camera` }, [frame]).catch(() => undefined);
      await pause(1000 / framesASecond);
    }
  }

  #look(): Promise<number | undefined> {
    const begun = performance.now();
    this.#frame = 0;
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

async function missing({ client }: RunningSite, people: number): Promise<string | undefined> {
  if (people === 0) return "there are no test faces (set LIMEN_FACES)";
  const health = await client.call("health", {});
  if (health.faces.missing.length > 0) return `model files are missing: ${health.faces.missing.join(", ")}`;
  for (let waited = 0; !(await client.call("health", {})).faces.ready; waited++) {
    if (waited > 300) return "the models did not load";
    await pause(100);
  }
  return (await client.call("health", {})).armed.face ? undefined : "face entry is not armed";
}

/** Files of the first few people of whom there are three pictures. */
function peopleWithPictures(): string[][] {
  const folder = join(process.env.LIMEN_FACES ?? "../shared/faces", "dev/asian");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((person) =>
      readdirSync(join(folder, person))
        .filter((file) => file.endsWith(".jpg"))
        .sort()
        .map((file) => join(folder, person, file)),
    )
    .filter((files) => files.length >= 3)
    .slice(0, 8);
}

/** Somebody who comes nearer while they look: one picture, never with the same pixels, size or light twice. */
async function moving(picture: Buffer): Promise<Buffer[]> {
  const { width = 640 } = await sharp(picture).metadata();
  return await Promise.all(
    Array.from({ length: framesALook }, (_, n) =>
      sharp(picture)
        .resize(Math.round(width * (1 + 0.02 * n)))
        .modulate({ brightness: 1 - 0.01 * n })
        .jpeg({ quality: 95 - n })
        .toBuffer(),
    ),
  );
}
