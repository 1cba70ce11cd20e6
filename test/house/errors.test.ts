import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import "../../cli/words.ts";
import "../../nodes/api/words.ts";
import "../../nodes/lib/errors.ts";
import { keysOf, languages } from "../../core/words.ts";
import { projectRoot } from "../../vault/config.ts";

describe("errors", () => {
  it("have a sentence in every language, for every code the sources can throw", () => {
    const known = Object.fromEntries(languages.map((language) => [language, new Set(keysOf(language))]));
    const silent: string[] = [];
    let seen = 0;
    for (const file of globSync("{core,vault,nodes,cli}/**/*.ts", { cwd: projectRoot })) {
      const source = readFileSync(join(projectRoot, file), "utf8");
      for (const [, code] of source.matchAll(/new LimenError\(\s*"([a-z-]+)"/g)) {
        seen++;
        for (const language of languages) {
          const words = known[language]!;
          if (!words.has(`error.${code}`) && !words.has(`attempt.${code}`))
            silent.push(`${code} ${language} (${file})`);
        }
      }
    }
    assert.ok(seen > 100, "the search still finds them");
    assert.deepEqual(silent, []);
  });
});
