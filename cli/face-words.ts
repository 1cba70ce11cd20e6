import en from "../core/faces/words/en-US.json" with { type: "json" };
import cn from "../core/faces/words/zh-CN.json" with { type: "json" };
import tw from "../core/faces/words/zh-TW.json" with { type: "json" };
import { addWords } from "../core/words.ts";

addWords({ "en-US": en, "zh-CN": cn, "zh-TW": tw });
