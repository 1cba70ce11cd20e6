// What the editor's sidebar loads: the same rules the deploy is judged by. Nothing behind these imports may need Node.
export { languageFor, sentence } from "../words.ts";
export { sayDiff } from "./changes/say.ts";
export { refusals } from "./finding.ts";
export { fixOf } from "./fixes.ts";
export { lint } from "./lint.ts";
export { refusalText } from "./refusal.ts";
export { rules } from "./rules/index.ts";
export { say } from "./say.ts";
