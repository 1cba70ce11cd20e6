export { flowHash } from "../../core/policy/flow-hash.ts";
