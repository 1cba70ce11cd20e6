import assert from "node:assert/strict";
import { LimenError } from "../../core/errors.ts";
import { Closed, OneOf, Type } from "../../core/schema.ts";
import { readConfig } from "../../nodes/lib/config.ts";
import { defineNode } from "../../nodes/lib/define-node.ts";
import { type Bench, bench } from "./harness.ts";

const config = Closed({
  mode: OneOf(["echo", "throw", "limen", "late"], { default: "echo" }),
  seconds: Type.Number({ default: 5, minimum: 1 }),
});

let closedWith: boolean | undefined;

const probe = defineNode({
  type: "limen-probe",
  version: 2,
  migrations: [(old) => old, ({ period, ...rest }) => ({ ...rest, ...(period ? { seconds: period } : {}) })],
  config,
  setup: ({ config: { mode, seconds } }) => ({
    input: async (message) => {
      await Promise.resolve();
      if (mode === "throw") throw new Error("card 0040856634 is broken");
      if (mode === "limen") throw new LimenError("not-an-attempt");
      return [{ ...message, payload: seconds }];
    },
    close: (removed) => {
      closedWith = removed;
    },
    service: { mode },
  }),
});

const asker = defineNode({
  type: "limen-asker",
  version: 1,
  config: Closed({ other: Type.String({ format: "limen-door" }) }),
  setup: ({ config, need }) => {
    const { mode } = need<{ mode: string }>(config.other);
    return { input: (message) => [{ ...message, payload: mode }] };
  },
});

describe("defineNode", () => {
  let on: Bench | undefined;
  afterEach(async () => {
    await on?.stop();
    on = undefined;
  });

  const load = async (settings: Record<string, unknown>): Promise<Bench> => {
    on = await bench([probe, asker] as never, [
      { id: "n", type: "limen-probe", wires: [["out"]], ...settings },
      { id: "a", type: "limen-asker", other: settings.other ?? "n", wires: [["out"]] },
      { id: "out", type: "helper" },
    ]);
    return on;
  };

  it("fills in defaults and passes a message on", async () => {
    const on = await load({});
    const out = on.next("out");
    on.put("n", { payload: 1 } as never);
    assert.equal((await out).payload, 5);
  });

  it("reads text from the environment as the number the schema asks for", () => {
    assert.deepEqual(readConfig(probe.spec, { id: "n", seconds: "7" }), { mode: "echo", seconds: 7 });
  });

  it("migrates older settings, and refuses newer ones", () => {
    assert.equal(readConfig(probe.spec, { version: 1, period: 9 }).seconds, 9);
    assert.throws(() => readConfig(probe.spec, { version: 3 }), { code: "config-newer" });
  });

  it("refuses a setting it does not know", () => {
    assert.throws(() => readConfig(probe.spec, { secnods: 3 }), { code: "config-invalid" });
  });

  it("survives a throw in a handler, says a code, and never what was being worked on", async () => {
    const on = await load({ mode: "throw" });
    const said = new Promise<Error>((resolve) => {
      on.node("n").on("call:error" as never, ((call: { args: [Error] }) => resolve(call.args[0])) as never);
    });
    on.put("n", { payload: 1 } as never);
    const error = await said;
    assert.equal((error as { code?: string }).code, "internal");
    assert.doesNotMatch(`${error.message} ${error.stack}`, /0040856634/);
  });

  it("puts a known error's sentence in its catch and its code on the node", async () => {
    const on = await load({ mode: "limen" });
    const status = on.status("n", (text) => text.includes("error."));
    const failure = on.failure("n");
    on.put("n", { payload: 1 } as never);
    assert.equal(await failure, "not-an-attempt");
    assert.equal(await status, "limen/limen-editor:error.not-an-attempt");
  });

  it("answers every message with an error when its settings are wrong, and does not crash", async () => {
    const on = await load({ seconds: 0 });
    const failure = on.failure("n");
    on.put("n", { payload: 1 } as never);
    assert.equal(await failure, "config-invalid");
  });

  it("finds another node's service", async () => {
    const on = await load({ mode: "late" });
    const out = on.next("out");
    on.put("a", {} as never);
    assert.equal((await out).payload, "late");
  });

  it("says so when another node is missing", async () => {
    const on = await load({ other: "nowhere" });
    const failure = on.failure("a");
    on.put("a", {} as never);
    assert.equal(await failure, "config-missing");
  });

  it("shows that the vault is away, and its own status again when it is back", async () => {
    const on = await load({});
    const away = on.status("n", (text) => text.endsWith("vault-away"));
    await on.vault.stop();
    await away;
    const back = on.status("n", (text) => text === "");
    await on.vault.start();
    await back;
  });

  it("awaits close", async () => {
    const on = await load({});
    closedWith = undefined;
    await on.node("n").close(true);
    assert.equal(closedWith, true);
  });
});
