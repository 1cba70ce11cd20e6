import type { Rule } from "./rule.ts";

/** Every flow rule, in the order findings are listed. */
export const rules: readonly Rule[] = [];
