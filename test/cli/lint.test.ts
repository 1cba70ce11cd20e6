import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../cli/lint.ts";
import { LimenError } from "../../core/errors.ts";

const root = join(import.meta.dirname, "../..");
const lawful = join(root, "flows/default.json");
const unlawful = join(root, "test/flows/as-reported/nanhu-zhongyuan.json");

async function ask(...args: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const code = await run(args, (line) => lines.push(line));
  return { code, text: lines.join("\n") };
}

describe("limen lint", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "limen-lint-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("answers 0 for what is lawful and 1 for what is not", async () => {
    assert.deepEqual(await ask(lawful, "--lang", "en-US"), { code: 0, text: `${lawful}: lawful` });
    assert.equal((await ask(unlawful)).code, 1);
    assert.equal((await ask(lawful, unlawful)).code, 1);
  });

  it("tells a person where, what and what to do, in their language", async () => {
    const { text } = await ask(unlawful, "--lang", "zh-TW");
    assert.match(text, /another-way {2}\[/);
    assert.match(text, /只能透過人臉打開/);
    assert.match(text, /請為這扇門加上讀卡機/);
    assert.match(text, /法释〔2021〕15号/);
    assert.doesNotMatch((await ask(unlawful, "--lang", "en")).text, /只能/);
  });

  it("tells a program everything as JSON", async () => {
    const { text } = await ask(lawful, unlawful, "--json", "--lang", "en-US");
    const [good, bad] = JSON.parse(text) as {
      lawful: boolean;
      hash: string;
      findings: { rule: string; node: string; sentence: string; article: string[] }[];
    }[];
    assert.deepEqual([good?.lawful, good?.findings.length], [true, 0]);
    assert.match(bad?.hash ?? "", /^[0-9a-f]{64}$/);
    const finding = bad?.findings.find(({ rule }) => rule === "another-way");
    assert.match(finding?.sentence ?? "", /opens only by face/);
    assert.ok(finding?.article.length);
  });

  it("finds what may not stand in a letter, and says why", async () => {
    const [bad, good] = [join(folder, "letter.txt"), join(folder, "fair.txt")];
    writeFileSync(bad, "请在4天内完成人脸录入，系统非常安全。");
    writeFileSync(good, "没有期限，可以刷卡。");
    const { code, text } = await ask("--notice", bad, good, "--lang", "zh-CN");
    assert.equal(code, 1);
    assert.match(text, /letter\.txt: “4天内完成人脸录入”：自愿选择没有期限/);
    assert.match(text, /“非常安全”：没有人能/);
    assert.match(text, /fair\.txt: 没有不得出现的内容/);
    assert.equal((await ask("--notice", good)).code, 0);
  });

  it("puts a paper into a PDF", async () => {
    const file = join(folder, "notice.pdf");
    assert.equal((await ask(lawful, "--paper", "notice", "--lang", "zh-TW", "--pdf", file)).code, 0);
    assert.equal(readFileSync(file).subarray(0, 5).toString(), "%PDF-");
    assert.equal((await ask(lawful, "--pdf", file)).code, 2);
  });

  it("holds a flow to another pack when told to", async () => {
    const file = join(folder, "long.json");
    const flow = [
      { id: "card", type: "card-read", wires: [[]] },
      { id: "tick", type: "inject", crontab: "0 3 * * *", wires: [["keep"]] },
      { id: "keep", type: "retention-rule", class: "entry-events", days: 200, wires: [[]] },
    ];
    writeFileSync(file, JSON.stringify(flow));
    assert.equal((await ask(file, "--pack", "cn")).code, 0);
    assert.equal((await ask(file, "--pack", "eu")).code, 1);
  });

  it("reads what the admin API answers as well", async () => {
    const file = join(folder, "api.json");
    writeFileSync(file, JSON.stringify({ rev: "1", flows: [] }));
    assert.equal((await ask(file)).code, 0);
  });

  it("answers 2 when misused", async () => {
    assert.equal((await ask()).code, 2);
    assert.equal((await ask(lawful, "--pack", "atlantis")).code, 2);
    assert.equal((await ask(lawful, "--paper", "novel")).code, 2);
  });

  it("says what is wrong with a file that is no flow", async () => {
    const file = join(folder, "no.json");
    writeFileSync(file, "{");
    const code = (wanted: string) => (error: unknown) => error instanceof LimenError && error.code === wanted;
    await assert.rejects(ask(file), code("lint-not-a-flow"));
    writeFileSync(file, '"text"');
    await assert.rejects(ask(file), code("lint-not-a-flow"));
    await assert.rejects(ask(join(folder, "gone.json")), code("lint-no-file"));
    writeFileSync(file, '{"decision": {"by": "somebody"}}');
    await assert.rejects(ask(lawful, "--papers", file), code("papers-invalid"));
  });

  it("prints the facts that papers must be about, and takes papers that are", async () => {
    const real = join(folder, "real.json");
    const flow = JSON.parse(readFileSync(join(root, "flows/communities/changping.json"), "utf8")) as {
      type: string;
    }[];
    const stated = flow.map((node) =>
      node.type === "limen-site" ? { ...node, demonstration: false } : node,
    );
    writeFileSync(real, JSON.stringify(stated));
    assert.equal((await ask(real)).code, 1);
    const lines = (await ask(real, "--facts")).text.split("\n");
    const told = lines.map((line) => JSON.parse(line) as { door: string; facts: string });
    assert.deepEqual(told.map(({ door }) => door).sort(), ["gate", "unit-5"]);
    const doors = told.map(({ door }) => door);
    const papers = {
      decision: { at: "2026-01-10T10:00:00+08:00", doors, quorum: 0.7, agreed: 0.8 },
      notice: { publishedAt: "2026-02-01T08:00:00+08:00", doors, facts: told[0]!.facts, signsUp: true },
      assessment: {
        at: "2026-01-20T08:00:00+08:00",
        facts: told[0]!.facts,
        necessity: "Asked for.",
        search: "No card.",
      },
    };
    const file = join(folder, "papers.json");
    writeFileSync(file, JSON.stringify(papers));
    assert.deepEqual((await ask(real, "--papers", file, "--lang", "en")).text, `${real}: lawful`);
  });

  it("prints the papers of a flow", async () => {
    const { code, text } = await ask(lawful, "--paper", "notice", "--lang", "zh-CN", "--door", "unit-1");
    assert.equal(code, 0);
    assert.match(text, /人脸识别进门告知书/);
    const html = (await ask(lawful, "--paper", "record", "--html", "--lang", "en-US")).text;
    assert.match(html, /^<!doctype html>/);
  });
});
