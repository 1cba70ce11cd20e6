import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { lint } from "../../core/policy/lint.ts";
import { readConfig } from "../../nodes/lib/config.ts";
import { type FlowNode, lawfulFlows, readFlow, root } from "./files.ts";

/** The settings schema of one of our nodes, from its own folder. */
async function specOf(type: string) {
  const file = join(root, "nodes", type, "config.ts");
  if (!existsSync(file)) return undefined;
  return (await import(pathToFileURL(file).href)) as Parameters<typeof readConfig>[0];
}

describe("flows that come with Limen", () => {
  for (const file of lawfulFlows())
    describe(file, () => {
      const flow = readFlow(file);
      const byId = new Map(flow.map((node) => [node.id, node] as const));

      it("breaks no rule, not even in passing", () => {
        assert.deepEqual(lint(flow), []);
      });

      it("is a demonstration on simulated doors", () => {
        assert.ok(flow.some(({ type, demonstration }) => type === "limen-site" && demonstration === true));
        for (const { type, simulated, name } of flow)
          if (type === "limen-door") assert.equal(simulated, true, String(name));
      });

      it("has settings every node of ours accepts", async () => {
        for (const node of flow) {
          const spec = await specOf(node.type);
          if (spec) assert.doesNotThrow(() => readConfig(spec, node), `${node.type} ${String(node.name)}`);
        }
      });

      it("points nowhere but to what is there", () => {
        const known = (id: unknown) => typeof id === "string" && byId.has(id);
        for (const node of flow) {
          for (const id of (node.wires ?? []).flat()) assert.ok(known(id), `${node.id} → ${id}`);
          for (const field of ["door", "camera", "site", "broker", "bus"]) {
            const value = node[field];
            const isId = typeof value === "string" && /^[0-9a-f]{16}$/.test(value);
            if (isId) assert.ok(known(value), `${node.type}.${field}`);
          }
          if (node.z) assert.ok(known(node.z));
        }
      });

      it("holds no secret and no address of anybody's", () => {
        const text = JSON.stringify(flow);
        assert.doesNotMatch(text, /"(?:password|token|credentials|user)":/);
        for (const [url] of text.matchAll(/\bhttps?:\/\/[^"\s]+/g))
          assert.match(url, /127\.0\.0\.1|localhost/);
      });

      it("reads from left to right, on the grid, nothing on top of anything", () => {
        const placed = flow.filter(
          (node): node is FlowNode & { x: number; y: number } => "x" in node && "y" in node,
        );
        for (const { x, y, type, name } of placed) {
          assert.equal(x % 10, 0, `${type} ${String(name)}`);
          assert.equal(y % 20, 0, `${type} ${String(name)}`);
        }
        const spots = placed.map(({ z, x, y }) => `${z} ${x} ${y}`);
        assert.equal(new Set(spots).size, spots.length);
        for (const node of placed)
          for (const id of (node.wires ?? []).flat()) {
            const next = byId.get(id);
            if (next?.z === node.z)
              assert.ok((next?.x as number) > node.x, `${String(node.name)} leads back`);
          }
      });

      it("is labelled in Chinese and in Latin letters", () => {
        for (const node of flow) {
          if (!("x" in node) || node.type === "junction" || node.type.startsWith("link ")) continue;
          assert.match(String(node.name), /[\u4e00-\u9fff]/, `${node.type} ${String(node.name)}`);
          assert.match(String(node.name), /[A-Za-z]/, `${node.type} ${String(node.name)}`);
        }
      });
    });
});
