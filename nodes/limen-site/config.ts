import { usualDrillDays } from "../../core/entry/drills.ts";
import { Closed, OneOf, Type } from "../../core/schema.ts";
import { Id } from "../../vault/protocol/common.ts";
import type { Palette } from "../lib/types.ts";

/** Who is responsible for these doors, under whose law, in which languages. */
export const config = Closed({
  site: Id,
  name: Type.String({ minLength: 1, maxLength: 80 }),
  controllerName: Type.String({ minLength: 1, maxLength: 120 }),
  controllerContact: Type.String({ minLength: 1, maxLength: 200 }),
  controllerAddress: Type.Optional(Type.String({ maxLength: 200 })),
  /** PIPL 52, GDPR 37: who watches over the protection of data, and how they are reached. */
  privacyContact: Type.Optional(Type.String({ maxLength: 200 })),
  /** GDPR 27, PIPL 53: the representative of a controller from elsewhere. */
  representative: Type.Optional(Type.String({ maxLength: 200 })),
  /** Filing and protection-level numbers, as the authority gave them. */
  filings: Type.Optional(Type.String({ maxLength: 200 })),
  pack: OneOf(["cn", "eu", "us-il"], { default: "cn" }),
  languages: Type.Array(OneOf(["zh-CN", "zh-TW", "en-US"]), {
    minItems: 1,
    uniqueItems: true,
    default: ["zh-CN", "en-US"],
  }),
  timeZone: Type.String({ default: "Asia/Shanghai", maxLength: 60 }),
  demonstration: Type.Boolean({ default: false }),
  /** What a resident pays, first or replaced, in the site's money: entered so that the rules can compare (RD-04). */
  feeOther: Type.Number({ default: 0, minimum: 0, maximum: 100_000 }),
  feeFace: Type.Number({ default: 0, minimum: 0, maximum: 100_000 }),
  /** Whoever deploys needs somebody else to agree, from the deploy after this one on. */
  twoPersons: Type.Boolean({ default: false }),
  /** How often somebody tries that every door opens from inside without us (RD-11). */
  drillDays: Type.Integer({ default: usualDrillDays, minimum: 7, maximum: 366 }),
});
export const version = 2;
/** Version 2 brought `twoPersons` and the fees: a site that never heard of them asks for neither. */
export const migrations = [
  (old: Record<string, unknown>) => old,
  (old: Record<string, unknown>) => ({ twoPersons: false, feeOther: 0, feeFace: 0, ...old }),
];
export const palette: Palette = { role: "config", icon: "", inputs: 0, outputs: 0, label: "site" };
