import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { NodeAPI } from "node-red";
import { systemClock } from "../../core/clock.ts";
import { addressesOf } from "../../core/people/party.ts";
import { addressFrom, httpsFrom } from "../api/caller-address.ts";
import { mount } from "../api/mount.ts";
import { act, outcome } from "../lib/acts.ts";
import { draftFlow, runningFlow } from "../lib/running-flow.ts";
import { vaultOf } from "../lib/vault.ts";

/** The HTTP API, the log's files and the pages, on Node-RED's own port. */
export default function api(RED: NodeAPI): void {
  const { limen } = RED.settings as unknown as { limen?: { data?: string } };
  const data = resolve(limen?.data ?? process.env.LIMEN_DATA ?? "data");
  const vault = vaultOf(RED);
  RED.plugins.registerPlugin("limen-api", {
    type: "limen-http",
    onadd() {
      const router = mount({
        vault,
        acts: { act, outcome: (attempt, ms) => outcome(vault, attempt, ms) },
        flow: runningFlow,
        draft: draftFlow,
        clock: systemClock,
        addresses: addressesOf(process.env.LIMEN_URL),
        addressOf: addressFrom(process.env.LIMEN_PROXY),
        cameByHttps: httpsFrom(process.env.LIMEN_PROXY),
        screenKey: screenKey(data),
        audit: process.env.LIMEN_AUDIT ?? resolve(data, "audit"),
        log: (line) => RED.log.warn(`[api] ${line}`),
      });
      RED.httpNode.use(router);
    },
  });
}

/** Kept beside the data, so that tablets stay paired when Limen starts again. */
function screenKey(data: string): Buffer {
  const file = resolve(data, "screen-key");
  if (!existsSync(file)) {
    mkdirSync(data, { recursive: true, mode: 0o750 });
    writeFileSync(file, randomBytes(32), { mode: 0o600, flag: "wx" });
  }
  return readFileSync(file);
}
