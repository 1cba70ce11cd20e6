import auditEn from "../core/audit/words/en-US.json" with { type: "json" };
import auditCn from "../core/audit/words/zh-CN.json" with { type: "json" };
import auditTw from "../core/audit/words/zh-TW.json" with { type: "json" };
import storeEn from "../core/store/words/en-US.json" with { type: "json" };
import storeCn from "../core/store/words/zh-CN.json" with { type: "json" };
import storeTw from "../core/store/words/zh-TW.json" with { type: "json" };
import { addWords } from "../core/words.ts";

addWords({
  "en-US": { ...storeEn, ...auditEn },
  "zh-CN": { ...storeCn, ...auditCn },
  "zh-TW": { ...storeTw, ...auditTw },
});
