import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import type { Document } from "../../../../core/policy/papers/document.ts";
import { paper, paperKinds } from "../../../../core/policy/papers/index.ts";
import { printPdf } from "../../../../core/policy/papers/print/printer.ts";
import { languages } from "../../../../core/words.ts";
import { readFlow } from "../../../flows/files.ts";
import { change, flow, lane } from "../build.ts";

const hash = "3f".repeat(32);
const made = new Date("2026-11-24T08:00:00Z");
const options = { hash, made };

/** What another program reads in a PDF. */
function poppler(tool: "pdftotext" | "pdffonts" | "pdfinfo", pdf: Buffer): string {
  const args = { pdftotext: ["-raw", "-", "-"], pdffonts: ["-"], pdfinfo: ["-"] }[tool];
  const { status, stdout, stderr } = spawnSync(tool, args, { input: pdf, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
}
const hasPoppler = spawnSync("pdftotext", ["-v"]).error === undefined;

/** Without white space and without the feet: where a line ends is the page's business, not the text's. */
function wordsIn(pdf: Buffer): string {
  const lines = poppler("pdftotext", pdf).split("\n");
  return lines
    .filter((line) => !line.includes(`${hash.slice(0, 16)}…`))
    .join("")
    .replace(/\s/g, "");
}

/** Everything a paper says, in its order. */
function wordsOf({ title, mark = "", parts }: Document): string {
  const said = parts.flatMap(({ heading, paragraphs = [], table = [], choices = [], blanks = [] }, index) => [
    `${index + 1}. ${heading}`,
    ...paragraphs,
    ...table.flat(),
    ...choices,
    ...blanks.map((blank) => `${blank}:`),
  ]);
  return [title, mark, ...said].join("").replace(/\s/g, "");
}

describe("papers in PDF", () => {
  before(function () {
    if (!hasPoppler) this.skip();
  });

  const flows = {
    "flows/default.json": paperKinds,
    "flows/communities/card-only.json": ["data-flow"],
  } as const;
  for (const [file, kinds] of Object.entries(flows))
    for (const kind of kinds)
      it(`says every word of ${kind} of ${file} in all languages, with its fonts embedded`, async () => {
        for (const language of languages) {
          const document = paper(readFlow(file), kind, { language, hash });
          const pdf = await printPdf(document, options);
          // a table that goes on overleaf says its head once more
          const heads = document.parts
            .flatMap(({ table = [] }) => table.slice(0, 1).map((row) => row.join("")))
            .sort((a, b) => b.length - a.length);
          const once = (whole: string) =>
            heads.reduce((left, head) => left.replaceAll(head.replace(/\s/g, ""), ""), whole);
          const text = wordsIn(pdf);
          const [printed, said] = [once(text), once(wordsOf(document))];
          assert.ok(
            printed === said,
            `${language}: at ${[...said].findIndex((char, at) => char !== printed[at])} of ${said.length}`,
          );
          for (const head of heads) assert.ok(text.includes(head.replace(/\s/g, "")), head);
          const fonts = poppler("pdffonts", pdf)
            .split("\n")
            .slice(2)
            .filter((line) => line !== "");
          assert.ok(fonts.length > 0);
          // embedded, a subset, and with a way back to Unicode
          for (const line of fonts) assert.match(line, /NotoSans.* yes yes yes /);
        }
      });

  it("is A4, tagged, in its language, and says on every page what it is made from", async () => {
    for (const language of languages) {
      const document = paper(readFlow("flows/default.json"), "notice", { language, hash });
      const pdf = await printPdf(document, options);
      const info = poppler("pdfinfo", pdf);
      assert.match(info, /Page size: +595\.\d+ x 841\.\d+ pts \(A4\)/);
      assert.match(info, /Tagged: +yes/);
      const pages = Number(/Pages: +(\d+)/.exec(info)?.[1]);
      assert.ok(pages <= 2, "a notice hangs at a door");
      assert.match(pdf.toString("latin1"), new RegExp(`/Lang \\(${language}\\)`));
      const feet = poppler("pdftotext", pdf)
        .split("\n")
        .filter((line) => line.includes(`${hash.slice(0, 16)}…`));
      assert.equal(feet.length, pages);
      for (const foot of feet) assert.match(foot, /2026-11-24 08:00 UTC/);
    }
  });

  it("mixes scripts in one line, and shows where no font has a character", async () => {
    const named = change(flow(lane("a", ["card", "face"])), {
      site: { name: "龘㐂 Zürich Привет 鬱 (Block 7)", controllerName: "業主 业主 “quoted” \u{1F6AA}" },
    });
    for (const language of languages) {
      const text = wordsIn(await printPdf(paper(named, "notice", { language, hash }), options));
      for (const word of ["龘", "Zürich", "Привет鬱(Block7)", "業主业主“quoted”〓"])
        assert.ok(text.includes(word), `${language} ${word}`);
    }
  });

  it("repeats a table's head on the next page and leaves no row out", async () => {
    const rows = Array.from({ length: 90 }, (_, index) => [
      `第 ${index} 行`,
      `门 door-${index} ${"长".repeat(index)}`,
    ]);
    const document: Document = {
      language: "zh-CN",
      title: "很长的表",
      parts: [{ heading: "表", table: [["项目", "说明"], ...rows] }],
    };
    const pdf = await printPdf(document, options);
    const text = wordsIn(pdf);
    for (const row of rows) assert.ok(text.includes(row.join("").replace(/\s/g, "")), row[0]);
    assert.equal(
      text.split("项目说明").length - 1,
      Number(/Pages: +(\d+)/.exec(poppler("pdfinfo", pdf))?.[1]),
    );
  });

  it("breaks what has no place to break, and begins no line with a comma", async () => {
    const document: Document = {
      language: "zh-TW",
      title: "測試",
      parts: [
        {
          heading: "指紋",
          paragraphs: ["f".repeat(400), "門，".repeat(200), "（".repeat(3) + "門".repeat(150)],
        },
      ],
    };
    const pdf = await printPdf(document, options);
    const lines = poppler("pdftotext", pdf).split("\n");
    assert.ok(lines.join("").includes("f".repeat(400)));
    for (const line of lines) assert.doesNotMatch(line, /^[，。）]/);
  });
});
