import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Schema } from "../../nodes/lib/editor/check.ts";
import type { Palette } from "../../nodes/lib/types.ts";
import { formOf, settingsHelp } from "./form.ts";
import { inlineModule, inScript } from "./inline.ts";

export const languages = ["en-US", "zh-CN", "zh-TW"] as const;
const settingsHeading = { "en-US": "Settings", "zh-CN": "设置", "zh-TW": "設定" } as const;

/** What a node's `config.ts` exports. */
export interface NodeConfigModule {
  config: Schema;
  version: number;
  palette: Palette;
  credentials?: Record<string, "text" | "password">;
}

/** Flat keys below the type's own object: `label.door`, `option.mode.1:N`. */
export function flatten(words: object, path = ""): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(words)) {
    if (typeof value === "string") flat.set(path + key, value);
    else for (const [inner, text] of flatten(value as object, `${path}${key}.`)) flat.set(inner, text);
  }
  return flat;
}

/** A node's catalogue in one language; empty where there is none yet (a test insists). */
export function catalogueOf(root: string, type: string, language: string): Map<string, string> {
  const file = join(root, "nodes", type, "locales", language, `${type}.json`);
  if (!existsSync(file)) return new Map();
  const words = JSON.parse(readFileSync(file, "utf8")) as Record<string, object>;
  return flatten(words[type] ?? {});
}

/** Writes what Node-RED's editor loads for one node: its page, and its help in each language. */
export async function writeNodePage(root: string, type: string): Promise<void> {
  const folder = join(root, "nodes", type);
  const module = (await import(pathToFileURL(join(folder, "config.ts")).href)) as NodeConfigModule;
  const { config, version, palette, credentials = {} } = module;
  const keys = new Set(catalogueOf(root, type, "en-US").keys());
  const schema = JSON.parse(JSON.stringify(config)) as Schema;
  const definition = JSON.stringify({ schema, version, credentials, palette });
  const editor = join(folder, "editor.ts");
  const script = [
    `limen.register(${JSON.stringify(type)}, ${definition});`,
    ...(existsSync(editor) ? [inlineModule(editor)] : []),
  ].join("\n");
  const form = formOf({ type, schema, credentials, isConfig: palette.role === "config", keys });
  write(
    join(root, "dist/nodes", type, `${type}.html`),
    `<script type="text/javascript">\n${inScript(script)}\n</script>\n` +
      `<script type="text/html" data-template-name="${type}">\n${form}\n</script>\n`,
  );
  const fields = [...Object.keys(schema.properties ?? {}), ...Object.keys(credentials)];
  for (const language of languages) writeHelp(root, type, language, fields);
}

function writeHelp(root: string, type: string, language: (typeof languages)[number], fields: string[]): void {
  const file = join(root, "nodes", type, "locales", language, `${type}.html`);
  if (!existsSync(file)) return;
  const settings = settingsHelp(fields, catalogueOf(root, type, language), settingsHeading[language]);
  const help = readFileSync(file, "utf8")
    .replace(/^\s*<script[^>]*>|<\/script>\s*$/g, "")
    .replace("<!-- settings -->", settings);
  write(
    join(root, "dist/nodes", type, "locales", language, `${type}.html`),
    `<script type="text/html" data-help-name="${type}">\n${help.trim()}\n</script>\n`,
  );
}

/** Puts a plugin's browser code into the page Node-RED loads for it. */
export function writePluginPage(root: string, source: string): void {
  const editor = join(root, `${source}.editor.ts`);
  if (!existsSync(editor)) return;
  write(
    join(root, "dist", `${source}.html`),
    `<script type="text/javascript">\n${inScript(inlineModule(editor))}\n</script>\n`,
  );
}

export function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
