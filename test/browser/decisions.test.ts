import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { haveChromium, launch, picture, violations, watch } from "./chromium.ts";
import { type Started, started } from "./started.ts";

/** The decision record on the dashboard, as a manager keeps it and an auditor reads it. */
describe("the decision record on the dashboard", () => {
  let limen: Started;
  let browser: Browser | undefined;
  let page: Page;
  let seen: ReturnType<typeof watch>;

  before(async () => {
    if (!haveChromium) return;
    limen = await started();
    browser = await launch();
    const context = await browser.newContext({ locale: "zh-CN", viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(`${limen.url}/sign-in?next=%2Fdashboard%2Fdecisions`);
    await page.fill("#name", "manager");
    await page.fill("#password", limen.password);
    await page.click("form button");
    await page.waitForURL(/\/dashboard\/decisions/);
    seen = watch(page);
    await step("vote").waitFor();
  });
  beforeEach(function () {
    if (!browser) this.skip();
  });
  after(async () => {
    await browser?.close();
    await limen?.stop();
  });

  const step = (kind: string) => page.locator(`.step[data-step=${kind}]`);
  const ours = () => violations(page, ".limen-widget");
  const lacks = () => page.locator(".door li").allTextContents();
  const form = async (kind: string) => {
    const box = step(kind);
    if ((await box.getAttribute("open")) === null) await box.locator("> summary").click();
    const details = box.locator("> details.form");
    await details.locator("> summary").click();
    return details.locator("form");
  };
  const send = async (kind: string, form: ReturnType<Page["locator"]>) => {
    await form.getByRole("button", { name: "记录", exact: true }).click();
    await step(kind).locator(".record > li").first().waitFor();
  };

  it("says what is lacking at each door, in plain words, and passes axe", async () => {
    assert.ok((await lacks()).some((text) => text.includes("没有记录业主")));
    for (const kind of ["assessment", "vote", "notice"]) await step(kind).locator("> summary").click();
    assert.deepEqual(await ours(), []);
    assert.deepEqual(seen.errors, []);
  });

  it("records a vote; a sum that cannot be is refused and told", async () => {
    await page.reload();
    await step("vote").waitFor();
    const vote = await form("vote");
    const heads = vote.locator("fieldset", { hasText: "人数" });
    const area = vote.locator("fieldset", { hasText: "面积" });
    for (const [box, numbers] of [
      [heads, ["178", "190", "90"]],
      [area, ["15400", "11000", "6000"]],
    ] as const)
      for (const [index, number] of numbers.entries()) await box.locator("input").nth(index).fill(number);
    await vote.getByLabel("会议记录存放处").fill("物业办公室 <b>7</b> 号柜");
    await vote.getByRole("button", { name: "记录", exact: true }).click();
    await step("vote").locator("> .say[data-kind=bad]").waitFor();
    await heads.locator("input").nth(1).fill("130");
    await send("vote", vote);
    assert.ok(!(await lacks()).some((text) => text.includes("业主")), "the vote stands");
    assert.ok((await step("vote").textContent())?.includes("<b>7</b>"), "text stays text");
    assert.deepEqual(await ours(), []);
  });

  it("answers and approves the assessment, publishes, puts signs up", async () => {
    const assessment = await form("assessment");
    await assessment.getByLabel("步骤").selectOption("approved");
    await assessment.getByLabel(/考虑过哪种其他方式/).fill("四十户住户提出：双手拿着东西时刷卡不便。");
    await assessment.getByLabel(/为什么要在所有同意者中检索/).fill("老人常忘带卡。");
    await send("assessment", assessment);
    const notice = await form("notice");
    await notice.getByLabel("门口").check();
    await notice.getByLabel("公示时间").fill("2026-01-05T08:00");
    await send("notice", notice);
    const letter = step("notice").locator("details.letter");
    await letter.locator("summary").click();
    await letter.getByLabel("信件内容").fill("请在4天内完成人脸录入。");
    await letter.getByRole("button", { name: "检查" }).click();
    await letter.locator("li", { hasText: "没有期限" }).waitFor();
    assert.deepEqual(await ours(), []);
    const signs = await form("signs");
    await send("signs", signs);
    assert.deepEqual(await lacks(), []);
    await picture(page, "dashboard-decisions");
    assert.deepEqual(await ours(), []);
  });

  it("corrects an entry by another and takes one back, and strikes through what no longer counts", async () => {
    const line = step("vote").locator(".record > li").first();
    await step("vote").locator("> summary").click();
    await line.locator("> details.form").nth(1).locator("> summary").click();
    const back = line.locator("> details.form").nth(1).locator("form");
    await back.getByLabel("更正原因").fill("会议未按时通知。");
    await back.getByRole("button", { name: "记录", exact: true }).click();
    await step("vote").locator('.record > li[data-corrected="true"]').waitFor();
    assert.ok((await lacks()).some((text) => text.includes("业主")));
  });

  it("keeps a question and its answer together", async () => {
    const question = await form("question");
    await question.getByLabel("内容").fill("人脸存在哪里？");
    await send("question", question);
    const line = step("question").locator(".record > li").first();
    const answer = line.locator("> details.form", { hasText: "答复" }).first();
    await answer.locator("> summary").click();
    await answer.getByLabel("内容").fill("在门口的设备里，加密保存。");
    await answer.getByRole("button", { name: "记录", exact: true }).click();
    await step("question").locator(".tag", { hasText: "答复" }).waitFor();
    assert.deepEqual(await ours(), []);
  });

  it("prints: the record and the papers open as PDF", async () => {
    const links = await page
      .locator(".limen-widget a.button")
      .evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).getAttribute("href") ?? ""));
    assert.ok(links.length >= 6, String(links));
    for (const href of links) {
      const type = await page.evaluate(async (url) => (await fetch(url)).headers.get("content-type"), href);
      assert.equal(type, "application/pdf", href);
    }
  });

  it("is whole in every language, wide and at 360 px", async () => {
    for (const [width, height] of [
      [1280, 900],
      [360, 780],
    ] as const) {
      await page.setViewportSize({ width, height });
      for (const language of ["en-US", "zh-TW", "zh-CN"]) {
        await page
          .getByLabel(/语言|語言|Language/)
          .first()
          .selectOption(language);
        await page.locator(`.widget[lang="${language}"]`).waitFor();
        const vote = await form("vote");
        await vote.locator("fieldset").first().waitFor();
        const text = (await page.locator(".widget").textContent()) ?? "";
        assert.doesNotMatch(text, /widgets\.|decision\.|field\.|value\.|kind\.|undefined|\{\w+\}/, language);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 1, `${language} ${width}: ${wide} px too wide`);
        assert.deepEqual(await ours(), []);
        await picture(page, `dashboard-decisions-${language}-${width}`);
      }
    }
    assert.deepEqual(
      seen.errors.filter((text) => !text.includes("422")),
      [],
    );
  });
});
