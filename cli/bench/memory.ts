import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createFaceEngine } from "../../core/faces/engine.ts";
import { findModels, modelFolders } from "../../core/faces/models.ts";
import { faceDoor } from "./doors/flow.ts";
import { type RunningSite, startSite } from "./doors/site.ts";
import { unit } from "./faces/search.ts";
import { growth, table } from "./statistics.ts";

type Print = (line: string) => void;
type Cells = (string | number)[];

export interface MemoryOptions {
  matches?: number;
  /** Enrolments, each followed by an erasure. */
  cycles?: number;
  redeploys?: number;
}

const points = 10;
const picture = "dev/deepface/img2.jpg";

/**
 * Does one thing very often and prints what the process then takes of memory, and how fast that grows over the second half:
 * matches and frames in this process, enrolments with erasure in a vault, deploys in a Node-RED with a face flow.
 */
export async function run(
  print: Print,
  { matches = 100_000, cycles = 1000, redeploys = 100 }: MemoryOptions = {},
): Promise<void> {
  const file = join(process.env.LIMEN_FACES ?? "../shared/faces", picture);
  const models = await findModels({ dirs: modelFolders(process.env.LIMEN_MODELS) });
  const rows: Cells[] = [["what", "process", "MB after each tenth", "MB a thousand more"]];
  if (models.missing.length > 0 || !existsSync(file)) {
    print(
      "matches, enrolments: not measured, models or picture are not here (set LIMEN_MODELS, LIMEN_FACES)",
    );
  } else {
    const frame = readFileSync(file);
    const engine = createFaceEngine({ models, threads: 1 });
    await engine.start();
    for (let i = 0; i < 1000; i++) engine.gallery.put(`t${i}`, `p${i}`, [unit(i)]);
    const probe = unit(5);
    rows.push(
      ...(await series(
        `${matches} matches with 1,000 faces`,
        matches,
        { "face engine": ownMb },
        async (n) => {
          for (let i = 0; i < n; i += 20) {
            await Promise.all(Array.from({ length: 20 }, () => engine.nearest([probe.slice()], "nobody")));
          }
        },
      )),
      ...(await series(
        "1000 frames, described and compared with nobody",
        1000,
        { "face engine": ownMb },
        async (n) => {
          for (let i = 0; i < n; i++)
            await engine.analyse(Buffer.from(frame), { liveness: true, embed: true, flip: true });
        },
      )),
    );
    await engine.close();
  }
  const site = await startSite(1, true);
  const both = { "Node-RED": () => residentMb(site.nodeRed), vault: () => residentMb(site.vault) };
  try {
    if (rows.length > 1) {
      const enrol = await enrolments(site, readFileSync(file));
      rows.push(...(await series(`${cycles} enrolments, each erased`, cycles, both, enrol)));
    }
    rows.push(...(await series(`${redeploys} full deploys`, redeploys, both, await deploys(site))));
  } finally {
    await site.stop();
  }
  for (const line of table(rows)) print(line);
}

/** Does `many` in tenths and looks after each. One line a process. */
async function series(
  what: string,
  many: number,
  processes: Readonly<Record<string, () => number>>,
  work: (n: number) => Promise<void>,
): Promise<Cells[]> {
  const seen = new Map<string, number[]>(Object.keys(processes).map((name) => [name, []]));
  for (let i = 0; i < points; i++) {
    await work(Math.ceil(many / points));
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const [name, mb] of Object.entries(processes)) seen.get(name)!.push(mb());
  }
  return [...seen].map(([name, values]): Cells => {
    const slope = growth(values.slice(points / 2)) / (many / points);
    return [what, name, values.map((value) => value.toFixed(0)).join(" "), (1000 * slope).toFixed(1)];
  });
}

async function enrolments({ client, auth, person }: RunningSite, frame: Buffer) {
  while (!(await client.call("health", {})).faces.ready)
    await new Promise((resolve) => setTimeout(resolve, 100));
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
  return async (n: number): Promise<void> => {
    for (let i = 0; i < n; i++) {
      await client.call("face.enrol", { auth, person }, [Buffer.from(frame)]);
      const { erasure } = await client.call("face.remove", { auth, person });
      while ((await client.call("erasure.read", { auth, id: erasure })).state !== "done")
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
}

/** Deploys the running flow again and again, each time with a node moved. */
async function deploys({ operator, operatorAuth, url }: RunningSite) {
  const { token } = await operator.call("token.create", {
    auth: operatorAuth,
    role: "manager",
    label: "bench",
    days: 1,
  });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const flow = (await (await fetch(`${url}/flows`, { headers })).json()) as { x?: number }[];
  let shift = 0;
  return async (n: number): Promise<void> => {
    for (let i = 0; i < n; i++) {
      shift++;
      const body = JSON.stringify(
        flow.map((node) => (node.x === undefined ? node : { ...node, x: node.x + (shift % 9) })),
      );
      const answer = await fetch(`${url}/flows`, {
        method: "POST",
        headers: { ...headers, "node-red-deployment-type": "full" },
        body,
      });
      if (!answer.ok)
        throw new Error(`a deploy was refused: ${answer.status} ${(await answer.text()).slice(0, 200)}`);
      await new Promise((resolve) => setTimeout(resolve, 250)); // the vault is told, cameras and brokers connect
    }
  };
}

const ownMb = (): number => process.memoryUsage.rss() / 2 ** 20;

/** Linux. */
const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
