import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { NodeAPI } from "node-red";
import { LimenError } from "../../core/errors.ts";

interface Source {
  id: string;
  type: string;
  label?: string;
  icon?: string;
  config?: { path?: string };
}

const safeName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** A folder of flows shown under Import, read-only: `flows/` of the project. */
export class FlowLibrary {
  readonly id: string;
  readonly type: string;
  readonly label: string | undefined;
  readonly icon: string | undefined;
  readonly #root: string;

  constructor({ id, type, label, icon, config }: Source) {
    this.id = id;
    this.type = type;
    this.label = label;
    this.icon = icon;
    this.#root = config?.path ?? "";
  }

  /**
   * One level of the folder, or one flow.
   * @param path slash-separated, as the editor asks for it
   * @throws LimenError `no-such-flow` for a path that leads out of the folder or nowhere
   */
  async getEntry(type: string, path: string): Promise<unknown> {
    const parts = path.split("/").filter((part) => part !== "");
    if (type !== "flows" || !parts.every((part) => safeName.test(part))) throw noSuchFlow();
    const target = join(this.#root, ...parts);
    try {
      if (target.endsWith(".json")) return await readFile(target, "utf8");
      const entries = await readdir(target, { withFileTypes: true });
      const folders = entries.filter((entry) => entry.isDirectory() && safeName.test(entry.name));
      const flows = entries.filter((entry) => entry.name.endsWith(".json") && safeName.test(entry.name));
      return [...folders.map((entry) => entry.name), ...flows.map((entry) => ({ fn: entry.name }))];
    } catch (error) {
      throw noSuchFlow(error);
    }
  }
}

const noSuchFlow = (cause?: unknown): LimenError => new LimenError("no-such-flow", { status: 404, cause });

export default function flowLibrary(RED: NodeAPI): void {
  RED.plugins.registerPlugin("limen-flows", {
    type: "node-red-library-source",
    class: FlowLibrary,
  } as never);
}
