import type { Browser } from "playwright-core";
import { haveChromium, launch } from "../chromium.ts";
import type { Locale } from "../words.ts";
import { auditor } from "./auditor.ts";
import { child } from "./child.ts";
import { elder } from "./elder.ts";
import { guard } from "./guard.ts";
import { lostCard } from "./lost-card.ts";
import { phone } from "./phone.ts";
import { Stage, type Walk, type Who } from "./stage.ts";
import { whole } from "./whole.ts";

/** Every language on a phone and on a desk. */
const ways: readonly { locale: Locale; width: number }[] = (["zh-CN", "zh-TW", "en-US"] as const).flatMap(
  (locale) => [360, 1280].map((width) => ({ locale, width })),
);
const walks: readonly { name: string; who?: Who; run(walk: Walk): Promise<void> }[] = [
  {
    name: "the desk: register, card, consent, enrolment, entry, withdrawal, receipt",
    who: "manager",
    run: whole,
  },
  {
    name: "a lost card: blocked in one press, replaced by a tap the same minute",
    who: "desk",
    run: lostCard,
  },
  { name: "an elder with a card only: no face, more time, every door", who: "desk", run: elder },
  { name: "a child with a guardian", who: "manager", run: child },
  { name: "a guard's day: a courier, a forced door, a lockdown", who: "guard", run: guard },
  { name: "an auditor: the log verified, who looked, whether ways are equal", who: "auditor", run: auditor },
  { name: "a resident: link, passkey, withdrawal, export, erasure", run: phone },
];

describe("walks through a real site", function () {
  this.timeout(90_000);
  let browser: Browser | undefined;
  let stage: Stage;
  before(async () => {
    if (!haveChromium) return;
    browser = await launch();
    stage = await Stage.open(browser);
  });
  beforeEach(function () {
    if (!browser) this.skip();
  });
  after(async () => {
    await stage?.close();
    await browser?.close();
  });

  let n = 0;
  for (const { name, who, run } of walks) {
    describe(name, () => {
      for (const way of ways)
        it(`in ${way.locale} at ${way.width} px`, () => stage.walk(who, { ...way, n: n++ }, run));
    });
  }
});
