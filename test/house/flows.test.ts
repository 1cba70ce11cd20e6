import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkManifest } from "../../scripts/build/manifest.ts";
import { filesIn, nodeTypes } from "../../scripts/build/sources.ts";

const root = join(import.meta.dirname, "../..");
const flows = filesIn(root, "flows").filter((file) => file.endsWith(".json"));

describe("the flows in the box", () => {
  it("there is one to begin with", () => assert.ok(flows.includes("flows/default.json")));

  it("notices a broker that went away without a word within half a minute", () => {
    const alive = flows.flatMap((file) =>
      (JSON.parse(readFileSync(join(root, file), "utf8")) as { type: string; keepalive?: string }[]).flatMap(
        ({ type, keepalive }) => (type === "mqtt-broker" ? [Number(keepalive)] : []),
      ),
    );
    assert.ok(alive.length > 10);
    assert.ok(alive.every((seconds) => seconds > 0 && seconds <= 15)); // half as long again, and it is gone
  });

  for (const file of flows) {
    it(`${file} holds no secret and no address outside`, () => {
      const text = readFileSync(join(root, file), "utf8");
      for (const node of JSON.parse(text) as Record<string, unknown>[]) {
        assert.equal(node.credentials, undefined, `${String(node.id)} has credentials`);
        for (const [field, value] of Object.entries(node)) {
          if (/^(password|token|secret|apikey|key)$/i.test(field)) {
            assert.ok(value === "" || value === undefined, `${String(node.id)}.${field}`);
          }
        }
      }
      const outside = [...text.matchAll(/\b(?:https?|mqtts?|wss?|rtsp):\/\/([^/"\s:]+)/g)]
        .map(([, host]) => host!)
        .filter(
          (host) =>
            !/^(127\.0\.0\.1|localhost|\$\{|[\w.-]+\.(local|lan|example|test|invalid)$|192\.168\.|10\.)/.test(
              host,
            ),
        );
      assert.deepEqual(outside, []);
    });
  }
});

describe("package.json", () => {
  it("tells Node-RED of every node and plugin there is", () => {
    assert.deepEqual(checkManifest(root, false), []);
    assert.ok(nodeTypes(root).length > 8);
  });
  it("pins every dependency to one version", () => {
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<
      string,
      Record<string, string>
    >;
    for (const kind of ["dependencies", "devDependencies", "optionalDependencies"]) {
      for (const [name, version] of Object.entries(manifest[kind]!)) assert.match(version, /^\d/, name);
    }
  });
});
