import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { sentence } from "../core/words.ts";
import { language } from "./words.ts";

type Print = (line: string) => void;
interface Bench {
  run(print: Print, options?: Record<string, unknown>): Promise<void>;
}

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  log: () => load("log"),
  doors: () => load("doors"),
  api: () => load("api"),
  faces: () => load("faces"),
  accuracy: () => load("accuracy"),
  memory: () => load("memory"),
  liveness: () => load("liveness"),
  lint: () => load("lint"),
};

const load = (name: string): Promise<Bench> => {
  const end = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return import(new URL(`./bench/${name}.${end}`, import.meta.url).href) as Promise<Bench>;
};

/**
 * `limen bench [NAME …] [--seconds N] [--folder DIR] [--write] [--out FILE.md]`: measurements on this machine, printed,
 * never asserted; also written to a file. Without a name, all of them. `--folder`: labelled pictures for `accuracy` and
 * `liveness`, laid out like those of LIMEN_FACES; `--write`: `liveness` puts its rates into `models/`.
 */
export async function run(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seconds: { type: "string" },
      out: { type: "string" },
      folder: { type: "string" },
      write: { type: "boolean" },
    },
  });
  const unknown = positionals.find((name) => !Object.hasOwn(benches, name));
  if (unknown !== undefined) {
    process.stderr.write(
      `${sentence(language, "cli.bench-unknown", { names: Object.keys(benches).join(", ") })}\n`,
    );
    return 2;
  }
  const lines: string[] = [];
  const print: Print = (line) => {
    lines.push(line);
    process.stdout.write(`${line}\n`);
  };
  const [cpu] = cpus();
  print(
    `${cpu?.model.trim() ?? "?"} x ${cpus().length}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  );
  const { folder, seconds, write } = values;
  const options = {
    ...(seconds === undefined ? {} : { seconds: Number(seconds) }),
    ...(folder === undefined ? {} : { folder }),
    ...(write ? { write } : {}),
  };
  for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
    print(`\n== ${name}`);
    await (await benches[name]!()).run(print, options);
  }
  if (values.out !== undefined) writeFileSync(values.out, asPage(lines, positionals));
  return 0;
}

/** What was printed, with when and how. */
function asPage(lines: readonly string[], names: readonly string[]): string {
  const day = new Date().toISOString().slice(0, 10);
  return `# Measured, ${day}\n\n\`npm run bench -- ${names.join(" ")}\`\n\n\`\`\`text\n${lines.join("\n")}\n\`\`\`\n`;
}
