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

const locales = ["zh-CN", "zh-TW", "en-US"] as const;
const widths = [360, 1280] as const;

/**
 * Each walk in every language, on a phone and on a desk by turns, so that over all walks every language is walked at both
 * sizes. `LIMEN_WALKS=all`: each walk in every language at both.
 */
const waysOf = (walk: number): { locale: Locale; width: number }[] =>
  locales.flatMap((locale, at) =>
    widths
      .filter((_, size) => process.env.LIMEN_WALKS === "all" || size === (walk + at) % 2)
      .map((width) => ({ locale, width })),
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
  // a whole day in a browser beside other tests; the second try is told by name, with why, and is somebody else's day
  this.retries(1);
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
  for (const [place, { name, who, run }] of walks.entries()) {
    describe(name, () => {
      for (const way of waysOf(place))
        it(`in ${way.locale} at ${way.width} px`, () => stage.walk(who, { ...way, n: n++ }, run));
    });
  }
});
