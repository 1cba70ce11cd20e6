import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { modelsDir, needs } from "./data.ts";

const start = `
  const { newEngine } = await import(${JSON.stringify(new URL("./data.ts", import.meta.url).href)});
  const engine = await newEngine();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await engine.close();
`;

describe("the runtime that computes faces", () => {
  const home = mkdtempSync(join(tmpdir(), "limen-home-"));
  after(() => rmSync(home, { recursive: true, force: true }));

  it("leaves nothing in the user's folder and asks nobody on the network", function () {
    needs(this, "models");
    const trace = join(home, "trace");
    const strace = spawnSync("strace", ["-V"]).status === 0;
    const before = readdirSync(home);
    const script = join(home, "start.mjs");
    writeFileSync(script, start);
    const command = [process.execPath, script];
    const watched = strace ? ["strace", "-f", "-e", "trace=connect", "-o", trace, ...command] : command;
    const env = { ...process.env, HOME: home, XDG_CACHE_HOME: "", LIMEN_MODELS: modelsDir };
    delete (env as NodeJS.ProcessEnv).ORT_DISABLE_TELEMETRY;
    const { status, stderr } = spawnSync(watched[0]!, watched.slice(1), { env, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.deepEqual(
      readdirSync(home).filter((name) => name !== "trace" && name !== "start.mjs"),
      before,
    );
    if (strace) assert.doesNotMatch(readFileSync(trace, "utf8"), /AF_INET/);
  });
});
