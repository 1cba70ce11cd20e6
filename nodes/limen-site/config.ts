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
  pack: OneOf(["cn", "eu", "us-il"], { default: "cn" }),
  languages: Type.Array(OneOf(["zh-CN", "zh-TW", "en-US"]), {
    minItems: 1,
    uniqueItems: true,
    default: ["zh-CN", "en-US"],
  }),
  timeZone: Type.String({ default: "Asia/Shanghai", maxLength: 60 }),
  demonstration: Type.Boolean({ default: false }),
});
export const version = 1;
export const palette: Palette = { role: "config", icon: "", inputs: 0, outputs: 0, label: "site" };
