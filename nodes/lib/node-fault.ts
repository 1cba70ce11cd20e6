import { LimenError } from "../../core/errors.ts";
import type { NodeCheck } from "../../core/policy/lint.ts";
import type { TObject } from "../../core/schema.ts";
import { readConfig } from "./config.ts";

type Checked = Parameters<typeof readConfig<TObject>>[0];
const specs = new Map<string, Checked>();

/** Remembers how a node of ours checks its settings: `defineNode` says so of each that is loaded. */
export function rememberSpec(type: string, spec: Checked): void {
  specs.set(type, spec);
}

/**
 * What a node would not start with: a setting it refuses, or a type this Node-RED does not have.
 * @param installed whether Node-RED has a type; left out where nobody can say
 */
export const nodeFaults =
  (installed?: (type: string) => boolean): NodeCheck =>
  (type, config) => {
    const spec = specs.get(type);
    if (!spec) return installed && !installed(type) ? { variant: "type-unknown" } : undefined;
    try {
      readConfig(spec, config);
      return undefined;
    } catch (error) {
      const field = error instanceof LimenError ? (error.field ?? "") : "";
      return { variant: "settings-invalid", field };
    }
  };
