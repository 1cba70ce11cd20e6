import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
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

/** What a process takes, and what of it something still refers to (main thread, after a collection), MB. */
interface Taken {
  rss: number;
  live: number;
}
type Look = () => Promise<Taken>;
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
  const rows: Cells[] = [
    ["what", "process", "resident MB after each tenth", "a thousand more", "live MB", "a thousand more"],
  ];
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
    const match = async (n: number) => {
      for (let i = 0; i < n; i += 20) {
        await Promise.all(Array.from({ length: 20 }, () => engine.nearest([probe.slice()], "nobody")));
      }
    };
    await match(matches); // the heaps grow to the size the work asks for; what comes after that is growth
    rows.push(
      ...(await series(`${matches} matches with 1,000 faces`, matches, { "face engine": own }, match)),
      ...(await series(
        "1000 frames, described and compared with nobody",
        1000,
        { "face engine": own },
        async (n) => {
          for (let i = 0; i < n; i++)
            await engine.analyse(Buffer.from(frame), { liveness: true, embed: true, flip: true });
        },
      )),
    );
    await engine.close();
  }
  const folder = mkdtempSync(join(tmpdir(), "limen-memory-"));
  const probe = new URL(`./memory-probe.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url)
    .href;
  const site = await startSite(1, true, {
    LIMEN_MEMORY_PROBE: folder,
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --import ${probe}`.trim(),
  });
  const both = { "Node-RED": probed(folder, site.nodeRed), vault: probed(folder, site.vault) };
  try {
    if (rows.length > 1) {
      const enrol = await enrolments(site, readFileSync(file));
      rows.push(...(await series(`${cycles} enrolments, each erased`, cycles, both, enrol)));
    }
    rows.push(...(await series(`${redeploys} full deploys`, redeploys, both, await deploys(site))));
  } finally {
    await site.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  for (const line of table(rows)) print(line);
}

/** Does `many` in tenths and looks after each. One line a process. */
async function series(
  what: string,
  many: number,
  processes: Readonly<Record<string, Look>>,
  work: (n: number) => Promise<void>,
): Promise<Cells[]> {
  const seen = new Map<string, Taken[]>(Object.keys(processes).map((name) => [name, []]));
  for (let i = 0; i < points; i++) {
    await work(Math.ceil(many / points));
    for (const [name, look] of Object.entries(processes)) seen.get(name)!.push(await look());
  }
  return [...seen].map(([name, taken]): Cells => {
    const told = (values: readonly number[]): Cells => {
      const slope = (1000 * growth(values.slice(points / 2))) / (many / points);
      return [values.map((value) => value.toFixed(0)).join(" "), slope.toFixed(1)];
    };
    return [what, name, ...told(taken.map(({ rss }) => rss)), ...told(taken.map(({ live }) => live))];
  });
}

/** Asks a process with the probe in it. */
function probed(folder: string, pid: number): Look {
  const file = join(folder, `${pid}.memory`);
  return async () => {
    rmSync(file, { force: true });
    writeFileSync(join(folder, `${pid}.ask`), "");
    while (!existsSync(file) || readFileSync(file, "utf8") === "") await pause(20);
    const { live, rss } = JSON.parse(readFileSync(file, "utf8")) as Taken;
    return { rss: rss / 2 ** 20, live: live / 2 ** 20 };
  };
}

const own: Look = async () => {
  globalThis.gc?.();
  await pause(100);
  const { external, heapUsed, rss } = process.memoryUsage();
  return { rss: rss / 2 ** 20, live: (heapUsed + external) / 2 ** 20 };
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function enrolments({ client, auth, person }: RunningSite, frame: Buffer) {
  while (!(await client.call("health", {})).faces.ready) await pause(100);
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
      while ((await client.call("erasure.read", { auth, id: erasure })).state !== "done") await pause(5);
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
      await pause(250); // the vault is told, cameras and brokers connect
    }
  };
}
