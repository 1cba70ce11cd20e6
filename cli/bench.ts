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
 * `limen bench [NAME …] [--seconds N]`: measurements on this machine, printed, never asserted. Without a name, all of
 * them.
 */
export async function run(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { seconds: { type: "string" } },
  });
  const unknown = positionals.find((name) => !Object.hasOwn(benches, name));
  if (unknown !== undefined) {
    process.stderr.write(
      `${sentence(language, "cli.bench-unknown", { names: Object.keys(benches).join(", ") })}\n`,
    );
    return 2;
  }
  const print: Print = (line) => process.stdout.write(`${line}\n`);
  const [cpu] = cpus();
  print(
    `${cpu?.model.trim() ?? "?"} x ${cpus().length}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  );
  const options = values.seconds === undefined ? {} : { seconds: Number(values.seconds) };
  for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
    print(`\n== ${name}`);
    await (await benches[name]!()).run(print, options);
  }
  return 0;
}
