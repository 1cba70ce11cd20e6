import { join } from "node:path";
import type { NodeAPI } from "node-red";
import { vaultOf } from "../lib/vault.ts";
import { papersOnRecord } from "./flow-gate-judge.ts";
import { serveChanges } from "./sidebar-changes.ts";
import { browserModules } from "./sidebar-modules.ts";

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const root = join(import.meta.dirname, "../..");

/**
 * Serves the flow rules to the editor, as the very modules the deploy is judged by. They are public like the rest of the
 * editor's code; the papers of the site are for those who may read flows.
 */
export default function sidebar(RED: NodeAPI): void {
  const entry = `core/policy/browser.${extension}`;
  const modules = browserModules(root, entry);
  RED.httpAdmin.get("/limen/rules/entry.js", (_request, response) => {
    response.type("text/javascript").send(`export * from "./${entry}";\n`);
  });
  RED.httpAdmin.get("/limen/rules/papers", RED.auth.needsPermission("flows.read"), (_request, response) => {
    response.set("Cache-Control", "no-store").json(papersOnRecord() ?? null);
  });
  for (const [path, text] of modules)
    RED.httpAdmin.get(`/limen/rules/${path}`, (_request, response) => {
      response.type("text/javascript").set("Cache-Control", "no-cache").send(text);
    });
  serveChanges(RED, vaultOf(RED));
  RED.plugins.registerPlugin("limen-sidebar", { type: "limen-sidebar" });
}
