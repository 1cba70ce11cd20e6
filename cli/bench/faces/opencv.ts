import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { projectRoot } from "../../../vault/config.ts";

export interface OpenCvAnswer {
  ms: number;
  cpu: number;
  found: boolean;
  vector: number[];
}

/** OpenCV in a process of its own, doing the whole work on one frame after another. */
export interface OpenCv {
  version: string;
  describe(jpeg: Buffer): Promise<OpenCvAnswer>;
  close(): void;
}

/** Interpreters with `cv2` in them, the first that reads the models is taken: Debian's OpenCV 4.6 reads two of them not. */
const pythons = (): string[] =>
  [
    process.env.LIMEN_OPENCV,
    process.env.LIMEN_PEERS && join(process.env.LIMEN_PEERS, "py/bin/python"),
    "/usr/bin/python3",
  ].filter((path): path is string => path !== undefined && path !== "" && existsSync(path));

/** @throws Error saying why there is none */
export async function openOpenCv(models: string): Promise<OpenCv> {
  let why = "no Python with OpenCV here (LIMEN_OPENCV names one)";
  for (const python of pythons()) {
    const child = spawn(python, [join(projectRoot, "cli/bench/faces/opencv.py"), models, "1"], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    const opened = await open(child).catch((error: Error) => {
      why = `${python}: ${error.message}`;
      return undefined;
    });
    if (opened) return opened;
  }
  throw new Error(why);
}

async function open(child: ChildProcess): Promise<OpenCv> {
  let said = "";
  child.stderr!.on("data", (part: Buffer) => {
    said = `${said}${part.toString()}`.slice(-2000);
  });
  child.stdin!.on("error", () => undefined); // its exit says it
  const lines = createInterface({ input: child.stdout! });
  const gone = once(child, "exit").then(() => {
    throw new Error(said.trim().split("\n").at(-1)?.slice(0, 120) ?? "it ended");
  });
  gone.catch(() => undefined); // told to whoever asks next
  const next = async (): Promise<string> => {
    const [line] = (await Promise.race([once(lines, "line"), gone])) as [string];
    return line;
  };
  const { version } = JSON.parse(await next()) as { version: string };
  return {
    version,
    async describe(jpeg) {
      const head = Buffer.alloc(4);
      head.writeUInt32BE(jpeg.length);
      const answer = next();
      child.stdin!.write(Buffer.concat([head, jpeg]));
      return JSON.parse(await answer) as OpenCvAnswer;
    },
    close: () => void child.kill(),
  };
}
