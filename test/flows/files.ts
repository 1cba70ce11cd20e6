import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface FlowNode {
  id: string;
  type: string;
  z?: string;
  wires?: string[][];
  [field: string]: unknown;
}

export const root = join(import.meta.dirname, "../..");

/** Reads one flow file. @param path from the root */
export const readFlow = (path: string): FlowNode[] =>
  JSON.parse(readFileSync(join(root, path), "utf8")) as FlowNode[];

/** The flow files of a folder, as paths from the root. */
export const flowsIn = (folder: string): string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder))
        .filter((name) => name.endsWith(".json"))
        .sort()
        .map((name) => `${folder}/${name}`)
    : [];

/** What `npm start` opens, and what can be imported. */
export const lawfulFlows = (): string[] => [
  "flows/default.json",
  ...flowsIn("flows/communities"),
  ...flowsIn("flows/examples"),
];
