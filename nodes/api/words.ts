import { addWords } from "../../core/words.ts";
import "../lib/errors.ts"; // the words of acts and of the vault being away
import en from "./words/en-US.json" with { type: "json" };
import cn from "./words/zh-CN.json" with { type: "json" };
import tw from "./words/zh-TW.json" with { type: "json" };

addWords({ "en-US": en, "zh-CN": cn, "zh-TW": tw });
