import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { parse, type TSchema } from "../../core/schema.ts";
import { check, type Schema } from "../../nodes/lib/editor/check.ts";
import type { NodeConfigModule } from "../../scripts/build/pages.ts";
import { nodeTypes, plugins } from "../../scripts/build/sources.ts";

const root = join(import.meta.dirname, "../..");

const accepts = (schema: TSchema, value: unknown): boolean => {
  try {
    parse(schema, structuredClone(value));
    return true;
  } catch {
    return false;
  }
};

/** Values near the edges of what a schema takes, and far from them. */
function near(schema: Schema): fc.Arbitrary<unknown> {
  const odd = fc.constantFrom<unknown>(
    "",
    "x",
    "mon",
    "24:00",
    "25:00",
    "7:00",
    "2026-02-28",
    "2026-02-30",
    0,
    1,
    -1,
    0.5,
    5,
    1e9,
    true,
    [],
    {},
  );
  const numbers = [schema.minimum, schema.maximum].flatMap((edge) =>
    edge === undefined ? [] : [edge - 1, edge, edge + 1, edge + 0.5],
  );
  const lengths = [schema.minLength, schema.maxLength].flatMap((edge) =>
    edge === undefined ? [] : ["a".repeat(Math.max(0, edge - 1)), "a".repeat(edge), "a".repeat(edge + 1)],
  );
  const own: fc.Arbitrary<unknown>[] = [
    odd,
    fc.string({ maxLength: 60 }),
    fc.double({ noNaN: true }),
    fc.integer(),
  ];
  if (numbers.length > 0) own.push(fc.constantFrom(...numbers));
  if (lengths.length > 0) own.push(fc.constantFrom(...lengths));
  if (schema.enum) own.push(fc.constantFrom(...schema.enum));
  if (schema.items) own.push(fc.array(near(schema.items), { maxLength: 4 }));
  if (schema.properties) {
    const fields = Object.entries(schema.properties).map(
      ([name, property]) => [name, near(property)] as const,
    );
    own.push(fc.record(Object.fromEntries(fields), { requiredKeys: [] }));
  }
  return fc.oneof(...own);
}

describe("the editor's check is the runtime's", () => {
  for (const type of nodeTypes(root)) {
    it(type, async () => {
      const { config } = (await import(
        pathToFileURL(join(root, "nodes", type, "config.ts")).href
      )) as NodeConfigModule;
      for (const [field, schema] of Object.entries(config.properties ?? {})) {
        fc.assert(
          fc.property(near(schema), (value) => {
            const editor = check(schema, value) === undefined;
            assert.equal(editor, accepts(schema as TSchema, value), `${field}: ${JSON.stringify(value)}`);
          }),
          { numRuns: 150 },
        );
      }
    });
  }

  it("every default fits its own schema", async () => {
    for (const type of nodeTypes(root)) {
      const { config } = (await import(
        pathToFileURL(join(root, "nodes", type, "config.ts")).href
      )) as NodeConfigModule;
      for (const [field, schema] of Object.entries(config.properties ?? {})) {
        if (schema.default !== undefined)
          assert.equal(check(schema, schema.default), undefined, `${type}.${field}`);
      }
    }
  });
});

describe("the pages made for the editor", () => {
  for (const type of nodeTypes(root)) {
    it(`${type}: the script is one a browser reads`, () => {
      const html = readFileSync(join(root, "dist/nodes", type, `${type}.html`), "utf8");
      const script = /<script type="text\/javascript">\n([\s\S]*?)\n<\/script>/.exec(html)?.[1] ?? "";
      assert.doesNotThrow(() => new Function(script));
      assert.match(script, /^limen\.register\(/);
      assert.doesNotMatch(script, /^\s*(import|export)\b/m);
    });
  }

  for (const [name, source] of plugins(root)) {
    const page = join(root, "dist", `${source}.html`);
    if (!existsSync(join(root, `${source}.editor.ts`))) continue;
    it(`plugin ${name}: so is its script`, () => {
      const html = readFileSync(page, "utf8");
      const scripts = [...html.matchAll(/<script type="text\/javascript">\n([\s\S]*?)\n<\/script>/g)];
      assert.ok(scripts.length > 0);
      for (const [, script] of scripts) assert.doesNotThrow(() => new Function(script!));
    });
  }
});
