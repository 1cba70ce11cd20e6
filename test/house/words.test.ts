import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { optionKey, type Schema } from "../../nodes/lib/editor/check.ts";
import { catalogueOf, flatten, languages, type NodeConfigModule } from "../../scripts/build/pages.ts";
import { filesIn, nodeTypes, sourceFolders } from "../../scripts/build/sources.ts";

const root = join(import.meta.dirname, "../..");
const read = (file: string): Map<string, string> => flatten(JSON.parse(readFileSync(file, "utf8")) as object);
const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{\w+\}|__\w+__/g)].map(([mark]) => mark).sort();

/** Files that exist once a language, by their en-US path. */
const catalogues = [...sourceFolders, "scripts"]
  .flatMap((folder) => filesIn(root, folder))
  .filter((file) => /\/(en-US)(\/[^/]+)?\.json$/.test(file));

describe("every word is in three languages", () => {
  it("there are catalogues to compare", () => assert.ok(catalogues.length > 10));

  for (const file of catalogues) {
    it(file.replace("en-US", "*"), () => {
      const english = read(join(root, file));
      for (const language of languages) {
        const other = join(root, file.replace("en-US", language));
        assert.ok(existsSync(other), `${language} is missing`);
        const words = read(other);
        assert.deepEqual([...words.keys()].sort(), [...english.keys()].sort(), language);
        for (const [key, text] of words) {
          assert.notEqual(text.trim(), "", `${language} ${key} is empty`);
          assert.deepEqual(placeholders(text), placeholders(english.get(key)!), `${language} ${key}`);
        }
      }
    });
  }

  it("no sentence of ours is left in English in a Chinese catalogue", () => {
    const left = catalogues.flatMap((file) => {
      const english = read(join(root, file));
      return languages.slice(1).flatMap((language) =>
        [...read(join(root, file.replace("en-US", language)))]
          // a sentence: names, units and formats may stay as they are
          .filter(([key, text]) => text === english.get(key) && text.split(" ").length > 4)
          .map(([key]) => `${file.replace("en-US", language)} ${key}`),
      );
    });
    assert.deepEqual(left, []);
  });

  it("Taiwan's words are Taiwan's, not converted characters", () => {
    // what a converter leaves: mainland terms in traditional characters
    const converted =
      /用戶名|信息(?!保護法)|數據|攝像|默認|登錄名|菜單|屏幕|軟件|硬件|網絡|服務器|小區|程序員|視頻|質量|激活|磁盤空間/;
    const found = catalogues.flatMap((file) =>
      [...read(join(root, file.replace("en-US", "zh-TW")))]
        .filter(([, text]) => converted.test(text))
        .map(([key, text]) => `${file} ${key}: ${text}`),
    );
    assert.deepEqual(found, []);
  });
});

/** Every key a node's form, palette and outputs show. */
async function neededKeys(type: string): Promise<string[]> {
  const {
    config,
    palette,
    credentials = {},
  } = (await import(pathToFileURL(join(root, "nodes", type, "config.ts")).href)) as NodeConfigModule;
  const keys = ["palette"];
  const visit = (name: string, schema: Schema): void => {
    keys.push(`label.${name}`);
    visitOptions(name, schema);
    for (const [inner, property] of Object.entries(schema.items?.properties ?? {}))
      visit(`${name}-${inner}`, property);
  };
  const visitOptions = (name: string, schema: Schema): void => {
    for (const value of schema.enum ?? schema.items?.enum ?? []) {
      keys.push(`option.${name}.${optionKey(String(value))}`);
    }
  };
  for (const [field, schema] of Object.entries(config.properties ?? {})) visit(field, schema);
  for (const field of Object.keys(credentials)) keys.push(`label.${field}`);
  if (palette.outputs > 1)
    for (let output = 0; output < palette.outputs; output++) keys.push(`output.${output}`);
  return keys;
}

describe("every node speaks three languages", () => {
  for (const type of nodeTypes(root)) {
    for (const language of languages) {
      it(`${type} in ${language}`, async () => {
        const words = catalogueOf(root, type, language);
        const missing = (await neededKeys(type)).filter((key) => !words.has(key));
        assert.deepEqual(missing, []);
        const help = readFileSync(join(root, "nodes", type, "locales", language, `${type}.html`), "utf8");
        assert.match(help, /^<p>/, "help begins with the sentence of the tooltip");
        for (const tag of ["p", "dl", "ol", "h3", "dd", "dt"]) {
          const count = (pattern: RegExp): number => help.match(pattern)?.length ?? 0;
          assert.equal(
            count(new RegExp(`<${tag}[ >]`, "g")),
            count(new RegExp(`</${tag}>`, "g")),
            `<${tag}>`,
          );
        }
      });
    }

    it(`${type}: every status it shows is in its catalogue`, () => {
      const words = catalogueOf(root, type, "en-US");
      const folder = join(root, "nodes", type);
      const sources = readdirSync(folder).filter((file) => file.endsWith(".ts"));
      const used = sources.flatMap((file) =>
        [...readFileSync(join(folder, file), "utf8").matchAll(/key: [^,\n]*?["'](status\.[a-z-]+)["']/g)].map(
          ([, key]) => key!,
        ),
      );
      assert.deepEqual(
        used.filter((key) => !words.has(key)),
        [],
      );
    });
  }
});
