import auditEn from "./audit/words/en-US.json" with { type: "json" };
import auditCn from "./audit/words/zh-CN.json" with { type: "json" };
import auditTw from "./audit/words/zh-TW.json" with { type: "json" };
import consentEn from "./consent/words/en-US.json" with { type: "json" };
import consentCn from "./consent/words/zh-CN.json" with { type: "json" };
import consentTw from "./consent/words/zh-TW.json" with { type: "json" };
import decisionsEn from "./decisions/words/en-US.json" with { type: "json" };
import decisionsCn from "./decisions/words/zh-CN.json" with { type: "json" };
import decisionsTw from "./decisions/words/zh-TW.json" with { type: "json" };
import osdpEn from "./devices/osdp/words/en-US.json" with { type: "json" };
import osdpCn from "./devices/osdp/words/zh-CN.json" with { type: "json" };
import osdpTw from "./devices/osdp/words/zh-TW.json" with { type: "json" };
import devicesEn from "./devices/words/en-US.json" with { type: "json" };
import devicesCn from "./devices/words/zh-CN.json" with { type: "json" };
import devicesTw from "./devices/words/zh-TW.json" with { type: "json" };
import entryEn from "./entry/words/en-US.json" with { type: "json" };
import entryCn from "./entry/words/zh-CN.json" with { type: "json" };
import entryTw from "./entry/words/zh-TW.json" with { type: "json" };
import facesEn from "./faces/words/en-US.json" with { type: "json" };
import facesCn from "./faces/words/zh-CN.json" with { type: "json" };
import facesTw from "./faces/words/zh-TW.json" with { type: "json" };
import peopleEn from "./people/words/en-US.json" with { type: "json" };
import peopleCn from "./people/words/zh-CN.json" with { type: "json" };
import peopleTw from "./people/words/zh-TW.json" with { type: "json" };
import changesEn from "./policy/changes/words/en-US.json" with { type: "json" };
import changesCn from "./policy/changes/words/zh-CN.json" with { type: "json" };
import changesTw from "./policy/changes/words/zh-TW.json" with { type: "json" };
import policyEn from "./policy/words/en-US.json" with { type: "json" };
import policyCn from "./policy/words/zh-CN.json" with { type: "json" };
import policyTw from "./policy/words/zh-TW.json" with { type: "json" };
import retentionEn from "./retention/words/en-US.json" with { type: "json" };
import retentionCn from "./retention/words/zh-CN.json" with { type: "json" };
import retentionTw from "./retention/words/zh-TW.json" with { type: "json" };
import rightsEn from "./rights/words/en-US.json" with { type: "json" };
import rightsCn from "./rights/words/zh-CN.json" with { type: "json" };
import rightsTw from "./rights/words/zh-TW.json" with { type: "json" };
import storeEn from "./store/words/en-US.json" with { type: "json" };
import storeCn from "./store/words/zh-CN.json" with { type: "json" };
import storeTw from "./store/words/zh-TW.json" with { type: "json" };

/** The languages every user-visible word is in. */
export const languages = ["zh-CN", "zh-TW", "en-US"] as const;
export type Language = (typeof languages)[number];
export type Catalogue = Readonly<Record<string, string>>;

/** Each area of the core keeps its own words beside its code. */
const areas: Record<Language, readonly Catalogue[]> = {
  "en-US": [
    auditEn,
    consentEn,
    decisionsEn,
    devicesEn,
    entryEn,
    facesEn,
    osdpEn,
    peopleEn,
    changesEn,
    policyEn,
    retentionEn,
    rightsEn,
    storeEn,
  ],
  "zh-CN": [
    auditCn,
    consentCn,
    decisionsCn,
    devicesCn,
    entryCn,
    facesCn,
    osdpCn,
    peopleCn,
    changesCn,
    policyCn,
    retentionCn,
    rightsCn,
    storeCn,
  ],
  "zh-TW": [
    auditTw,
    consentTw,
    decisionsTw,
    devicesTw,
    entryTw,
    facesTw,
    osdpTw,
    peopleTw,
    changesTw,
    policyTw,
    retentionTw,
    rightsTw,
    storeTw,
  ],
};

const catalogues: Record<Language, Record<string, string>> = {
  "en-US": Object.assign({}, ...areas["en-US"]),
  "zh-CN": Object.assign({}, ...areas["zh-CN"]),
  "zh-TW": Object.assign({}, ...areas["zh-TW"]),
};

/** Adds the words of a folder outside the core (the API's, the command's): once, when its module loads. */
export function addWords(words: Record<Language, Catalogue>): void {
  for (const language of languages) Object.assign(catalogues[language], words[language]);
}

/**
 * A sentence in somebody's language, its `{placeholders}` filled in. A key nobody translated answers with the key
 * itself: visible, never empty.
 */
export function sentence(
  language: Language,
  key: string,
  params: Readonly<Record<string, string | number>> = {},
): string {
  const text = catalogues[language][key] ?? catalogues["en-US"][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** Every key of one language: for tests that hold the three together. */
export const keysOf = (language: Language): string[] => Object.keys(catalogues[language]);

/**
 * The best of our languages for an Accept-Language header or a list of tags: `zh-Hant`, `zh-HK` and `zh-MO` read
 * zh-TW, other Chinese zh-CN, everything else en-US.
 */
export function languageFor(accept: string | undefined, fallback: Language = "en-US"): Language {
  for (const tag of (accept ?? "").split(",")) {
    const name = tag.split(";")[0]!.trim().toLowerCase();
    if (/^zh-(tw|hk|mo|hant)/.test(name)) return "zh-TW";
    if (name.startsWith("zh")) return "zh-CN";
    if (name.startsWith("en")) return "en-US";
  }
  return fallback;
}
