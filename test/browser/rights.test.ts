import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { haveChromium, launch, picture, violations, watch } from "./chromium.ts";
import { type Started, started } from "./started.ts";

const name = "周敏";
const password = "an office's long password 41";
/** Each tab and the heading under it. */
const headings = {
  请求: "个人信息权利请求",
  提供: "对外提供与个案查询",
  受托方: "受托方",
  事件: "安全事件",
  证明: "删除证明",
};
const tabs = Object.keys(headings) as (keyof typeof headings)[];

/** The office's registers on the real system: a resident asks, the desk answers; two people and a case; a child. */
describe("rights at the office and at home", () => {
  let limen: Started;
  let browser: Browser | undefined;
  let manager: Page;
  let officer: Page;
  let clerk: Page;
  let resident: Page;
  let person = "";
  let seen: ReturnType<typeof watch>;

  before(async () => {
    if (!haveChromium) return;
    limen = await started();
    browser = await launch();
    manager = await office("manager", limen.password);
    seen = watch(manager);
    for (const [who, role] of [
      ["lin", "privacy-officer"],
      ["chen", "desk"],
    ])
      assert.equal(await post(manager, "/staff", { name: who, role, password }), 201);
    [officer, clerk] = [await office("lin", password), await office("chen", password)];
    person = String((await api(manager, "POST", "/persons", { name, flat: "3-201" })).id);
    const { link } = await api(manager, "POST", `/persons/${person}/invitation`);
    const context = await browser.newContext({ locale: "zh-CN", viewport: { width: 360, height: 740 } });
    resident = await context.newPage();
    resident.setDefaultTimeout(30_000);
    await resident.goto(String(link));
    await resident.waitForSelector("#requests li");
  });
  beforeEach(function () {
    if (!browser) this.skip();
  });
  after(async () => {
    await browser?.close();
    await limen?.stop();
  });

  async function office(who: string, secret: string): Promise<Page> {
    const context: BrowserContext = await browser!.newContext({
      locale: "zh-CN",
      viewport: { width: 1280, height: 900 },
    });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(`${limen.url}/sign-in`);
    const status = await page.evaluate(
      async ([name, password]) =>
        (
          await fetch("/api/v1/session", {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ name, password }),
          })
        ).status,
      [who, secret],
    );
    assert.equal(status, 200, who);
    return page;
  }
  const api = (page: Page, method: string, path: string, body?: object): Promise<Record<string, unknown>> =>
    page.evaluate(
      async ([method, path, body]) => {
        const { csrf } = (await (await fetch("/api/v1/session")).json()) as { csrf: string };
        const headers = { "limen-csrf": csrf, ...(body ? { "content-type": "application/json" } : {}) };
        const answer = await fetch(`/api/v1${path}`, { method: method!, headers, body: body ?? null });
        const text = await answer.text();
        return { ...(text ? JSON.parse(text) : {}), http: answer.status };
      },
      [method, path, body ? JSON.stringify(body) : null] as const,
    );
  const post = async (page: Page, path: string, body: object) => (await api(page, "POST", path, body)).http;
  const tab = async (page: Page, which: (typeof tabs)[number]) => {
    await page.goto(`${limen.url}/dashboard/rights`);
    await page.getByRole("tab", { name: new RegExp(which) }).click();
    await page.locator(".widget h3", { hasText: headings[which] }).waitFor();
    while ((await page.locator(".widget:visible").count()) !== 1) await page.waitForTimeout(50); // one slides out
  };
  const button = (page: Page, words: string | RegExp) =>
    page.locator(".widget:visible").getByRole("button", { name: words });
  /** The parts of her page that are about rights. */
  const hers = (page: Page) =>
    violations(page, "[aria-labelledby=requests-title], [aria-labelledby=processors-title], #incidents");
  const ours = (page: Page) => violations(page, ".limen-widget");

  it("a resident asks on her phone, with the day of the answer and whom else she may turn to", async () => {
    await resident.getByText("提出请求", { exact: true }).click();
    await resident.selectOption("#request-kind", "access");
    await resident.fill("#request-text", "请告诉我谁看过<b>我的</b>记录");
    await resident.click("#request-send");
    await resident.locator("#request-say[data-kind=good]").waitFor();
    await resident.locator("#request-receipt a").waitFor();
    await resident.locator("#requests .tag[data-kind=good]", { hasText: /还剩 \d+ 天/ }).waitFor();
    await resident.locator("#channels", { hasText: "12377" }).waitFor();
    const opened = resident.context().waitForEvent("page");
    await resident.click("#request-receipt button");
    const paper = await opened;
    await paper.waitForSelector("#code:not([hidden]) img");
    assert.match((await paper.textContent("#receipt")) ?? "", /权利请求回执.*request_.*查阅保存了什么/);
    await paper.close();
    const wide = await resident.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 360, `${wide} px`);
    assert.deepEqual(await hers(resident), []);
    await picture(resident, "rights-me");
  });

  it("the desk sees its clock, and cannot refuse without reasons; she reads the answer", async () => {
    await tab(clerk, "请求");
    await button(clerk, /查看（留记录）/).click();
    await clerk.getByText("请告诉我谁看过<b>我的</b>记录").waitFor(); // text stays text
    await clerk.locator(".widget:visible dd", { hasText: `${name} · 3-201` }).waitFor();
    await clerk.getByLabel("处理结果").selectOption("refuse");
    await clerk.getByLabel("拒绝依据").selectOption("not-held");
    await clerk.getByLabel(/^理由/).fill("不行");
    await button(clerk, "发送答复").click();
    await clerk.locator(".say[data-kind=bad]").waitFor();
    await picture(clerk, "rights-requests");
    assert.deepEqual(await ours(clerk), []);
    await clerk.getByLabel("处理结果").selectOption("answer");
    await clerk.getByLabel(/^答复/).fill("您的页面列出了每一次查看。");
    await button(clerk, "发送答复").click();
    await clerk.getByText("没有待答复的请求").waitFor();
    await resident.reload();
    await resident.locator("#requests", { hasText: "您的页面列出了每一次查看。" }).waitFor();
    await resident.locator("#looked", { hasText: "chen" }).waitFor();
  });

  it("a refusal at a door is taken to a person, and taken back", async () => {
    const denied = {
      index: 3,
      day: "2026-11-24",
      at: new Date().toISOString(),
      door: "main-gate",
      method: "card",
      outcome: "denied",
      code: "outside-hours",
    };
    const entries = "**/api/v1/me/entries?kind=decision*";
    await resident.route(entries, (route) => route.fulfill({ json: { entries: [denied] } }));
    await resident.reload();
    await resident.getByRole("button", { name: "请人工复核" }).click();
    assert.equal(await resident.inputValue("#request-kind"), "explain");
    assert.match(await resident.inputValue("#request-text"), /小区大门/);
    const [sent] = await Promise.all([
      resident.waitForRequest((request) => request.method() === "POST" && /\/requests$/.test(request.url())),
      resident.click("#request-send"),
    ]);
    assert.equal((sent.postDataJSON() as { entry: number }).entry, 3);
    const mine = resident.locator("#requests li", { hasText: "解释或复核一次拒绝" });
    await mine.locator("summary").click();
    await mine.getByRole("button", { name: "撤回请求" }).click();
    await mine.locator(".tag", { hasText: "已撤回" }).waitFor();
    await resident.unroute(entries);
  });

  it("a case needs a second person; whom it concerns is told", async () => {
    const card = { kind: "card", notation: "8H10D", number: "0040856634" };
    assert.equal(await post(manager, `/persons/${person}/credentials`, card), 201);
    await tab(manager, "提供");
    await manager.getByText("提出个案", { exact: true }).first().click();
    await manager.getByLabel("接收方").fill("西湖区公安分局");
    await manager.getByLabel(/经办人/).fill("警号 012345");
    await manager.getByLabel("案号或文号").fill("2026-12");
    await manager.getByLabel("为什么需要").fill("调查盗窃案件");
    await manager.getByLabel(/小区大门/).check();
    await manager.getByLabel("需要什么").selectOption("names");
    await button(manager, "提出个案").click();
    await manager.locator(".tag", { hasText: "等待另一人批准" }).waitFor();
    await button(manager, "作为第二人批准").click();
    await manager.locator(".say[data-kind=bad]", { hasText: "另一人" }).waitFor();
    await tab(officer, "提供");
    await button(officer, "作为第二人批准").click();
    await officer.locator(".tag", { hasText: "已批准" }).waitFor();
    await button(officer, "生成文件").first().click();
    const link = officer.getByRole("link", { name: "保存签名文件" });
    await link.waitFor();
    const [download] = await Promise.all([officer.waitForEvent("download"), link.click()]);
    const file = JSON.parse(readFileSync(await download.path(), "utf8")) as Record<string, unknown>;
    assert.equal(file.type, "limen-disclosure");
    assert.deepEqual(await ours(officer), []);
    await picture(officer, "rights-disclosures");
    await button(officer, "生成文件").last().click();
    await officer.getByRole("link", { name: "保存证据文件" }).waitFor();
  });

  it("a processor with advertising is not taken; one without is on the notice and on her page", async () => {
    await tab(manager, "受托方");
    await manager.getByText("登记受托方").click();
    const fill = async (label: string | RegExp, text: string) =>
      await manager.locator(".widget:visible").getByLabel(label).last().fill(text);
    await fill("公司名称", "门安科技");
    await fill("联系方式", "privacy@example.test");
    await fill("目的与方式", "维护门口设备");
    await fill("方式", "现场检修");
    await manager.getByLabel("设备日志").check();
    await fill("保护措施", "双人在场");
    await fill("合同开始", "2026-01-01");
    await fill("合同结束", "2030-12-31");
    await fill(/^费用/, "每年 3000 元");
    await fill(/^合同之外/, "无");
    await fill(/^广告/, "门口屏幕广告");
    await fill("转委托", "无");
    await fill("编号", "3301-1");
    await fill("有效期至", "2020-01-01");
    await button(manager, "登记").click();
    await manager.locator(".say[data-kind=bad]", { hasText: "广告" }).waitFor();
    await fill(/^广告/, "无");
    await button(manager, "登记").click();
    await manager.locator(".tag[data-kind=bad]", { hasText: "2020-01-01 已过期" }).waitFor();
    assert.deepEqual(await ours(manager), []);
    await picture(manager, "rights-processors");
    await resident.reload();
    await resident.locator("#processors", { hasText: "门安科技" }).waitFor();
    await manager.getByText("修改合同内容、补充证书").click();
    await manager.locator(".widget:visible").getByLabel(/^费用/).first().fill("每年 4000 元");
    await button(manager, "保存").click();
    await manager.locator(".widget:visible dd", { hasText: "每年 4000 元" }).waitFor();
    const { text } = await api(manager, "GET", "/notices/current?method=face&language=zh-CN");
    assert.ok(String(text).includes("门安科技"));
  });

  it("an incident counts whom it touches, drafts the notices and tells them", async () => {
    await tab(manager, "事件");
    await manager.getByText("新建事件或演练").click();
    await manager.getByLabel("卡和密码").check();
    for (const [label, text] of [
      [/^发生了什么/, "门口读卡器被盗"],
      ["可能造成的危害", "卡号可能被复制"],
      ["已经和将要采取的措施", "已换发所有卡"],
      ["当事人可以采取的措施", "请到前台换卡"],
    ] as const)
      await manager.getByLabel(label).fill(text);
    await button(manager, "立案").click();
    const card = manager.getByRole("region", { name: "门口读卡器被盗" });
    await card.getByText(/1 人，其中未成年人 0 人/).waitFor();
    await card.getByText("告知草稿").click();
    await card.getByLabel("发给").selectOption("people");
    await card.getByRole("button", { name: "显示草稿" }).click();
    await card.locator(".notice h4", { hasText: "关于您在" }).waitFor();
    assert.deepEqual(await ours(manager), []);
    await picture(manager, "rights-breaches");
    await card.getByRole("button", { name: "告知当事人" }).click();
    await manager.locator("dialog").getByRole("button", { name: "告知当事人" }).click();
    await manager.locator(".widget:visible dd", { hasText: "尚未" }).first().waitFor(); // the authority
    await resident.reload();
    await resident.locator("#incidents", { hasText: "门口读卡器被盗" }).waitFor();
    assert.deepEqual(await hers(resident), []);
  });

  it("a child's guardian decides at the desk, after somebody in charge let the desk look", async () => {
    const birth = `${new Date().getFullYear() - 9}-05-01`;
    await api(manager, "POST", "/persons", { name: "小宝", birth_date: birth });
    await clerk.goto(`${limen.url}/dashboard/consent`);
    await clerk.getByLabel("姓名或房号").fill("小宝");
    await button(clerk, "查找").click();
    await button(clerk, /征求同意/).click();
    await button(clerk, "撤回同意").click();
    await clerk.locator(".say", { hasText: "没有可以撤回的同意" }).waitFor();
    await button(clerk, "向负责人申请").click();
    await clerk.locator(".say[data-kind=good]", { hasText: "已申请" }).waitFor();
    await tab(officer, "请求");
    const waiting = officer.locator(".widget:visible").getByRole("listitem").filter({ hasText: "chen" });
    assert.doesNotMatch(await waiting.innerText(), /小宝/, "whose it is is asked for by itself");
    await button(officer, "是谁的？").click();
    await waiting.getByText("小宝").waitFor();
    assert.equal(await button(officer, "是谁的？").count(), 0);
    assert.ok(
      await waiting.locator("select").evaluate((one) => one.matches(":focus")),
      "and nobody has to look for the next field",
    );
    const { looks } = (await api(manager, "GET", "/look-ups?limit=1")) as { looks: Record<string, string>[] };
    assert.deepEqual([looks[0]?.name, looks[0]?.role], ["lin", "privacy-officer"], "a look like any other");
    assert.deepEqual(await ours(officer), []);
    await picture(officer, "rights-whose");
    await button(officer, "批准").click();
    await officer.locator(".tag", { hasText: "有效至" }).waitFor();
    await button(officer, "年度报告").click();
    await officer.getByRole("row", { name: /服务台.*未获准/ }).waitFor();
    assert.deepEqual(await ours(officer), []);
    await button(clerk, /征求同意/).click();
    await clerk.getByLabel("关系").selectOption("parent");
    await clerk.getByLabel(/^监护人（/).fill(name);
    await button(clerk, "查找").last().click();
    await clerk.getByLabel("查到的住户").waitFor();
    assert.deepEqual(await ours(clerk), []);
    await picture(clerk, "rights-guardian");
    await clerk.locator(".question").first().locator(".ticks input").first().check();
    await button(clerk, "监护人同意").first().click();
    await clerk.getByRole("link", { name: "保存回执" }).waitFor();
  });

  it("reads well on a phone and on a desk in three languages", async () => {
    for (const which of tabs) {
      await manager.setViewportSize({ width: 1280, height: 900 });
      await tab(manager, which);
      for (const language of ["zh-TW", "en-US", "zh-CN"]) {
        await manager.locator(".widget-bar select:visible").selectOption(language);
        await manager.locator(`.widget[lang=${language}]:visible`).waitFor();
        await manager.locator(".widget:visible details").evaluateAll((all) => {
          for (const one of all) one.setAttribute("open", "");
        });
        for (const width of [1280, 360]) {
          await manager.setViewportSize({ width, height: 800 });
          const wide = await manager.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(wide <= width, `${which} in ${language}: ${wide} px of ${width}`);
        }
        const text = await manager.locator(".widget:visible").innerText();
        assert.doesNotMatch(text, /\b(widgets|desk|shared|rights|role|method)\.[a-z]/);
        // one picture of each
        if (language === ["zh-TW", "en-US", "zh-CN"][tabs.indexOf(which) % 3])
          await picture(manager, `dashboard-360-rights-${which}-${language}`);
      }
      assert.deepEqual(await ours(manager), [], which);
    }
    assert.deepEqual(
      seen.errors.filter((text) => !/status of (409|422)/.test(text)),
      [],
    );
    for (const url of seen.requests) assert.ok(!url.includes(encodeURIComponent(name)), url);
  });

  it("shows the rules for children to everybody, in three languages", async () => {
    const context = await browser!.newContext({ viewport: { width: 360, height: 740 } });
    for (const language of ["zh-CN", "zh-TW", "en-US"]) {
      const page = await context.newPage();
      await page.goto(`${limen.url}/children?language=${language}`);
      await page.locator("#rules h2").nth(9).waitFor();
      assert.doesNotMatch(await page.locator("main").innerText(), /\b(children|rights)\.[a-z]|\{\w+\}/);
      assert.deepEqual(await violations(page), []);
      await picture(page, `children-${language}`);
      await page.close();
    }
    await context.close();
  });

  it("left nobody's name and no word of a request in the log of the program", () => {
    assert.ok(!limen.log().includes(name));
    assert.ok(!limen.log().includes("谁看过"));
  });
});
