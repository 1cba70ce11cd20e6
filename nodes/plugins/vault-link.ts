import { createRequire } from "node:module";
import type { NodeAPI } from "node-red";
import { emergenciesOf } from "../../core/policy/emergencies.ts";
import { forVault, refusals } from "../../core/policy/finding.ts";
import { recordTexts } from "../../core/policy/papers/index.ts";
import { flowNotices } from "../../core/policy/papers/notice.ts";
import { say } from "../lib/errors.ts";
import { flowHash } from "../lib/flow-hash.ts";
import { nodeFaults } from "../lib/node-fault.ts";
import { registry } from "../lib/registry.ts";
import { setRunningFlow } from "../lib/running-flow.ts";
import { vaultOf } from "../lib/vault.ts";
import { askNodes, judgeRunning } from "./flow-gate-judge.ts";
import { flowWatch } from "./flow-watch.ts";
import { lineReaders } from "./ways-alive.ts";

/** What Node-RED says when the nodes of a flow are running. */
interface FlowsStarted {
  config: { flows: object[] };
}

/** Whether this Node-RED has a type; undefined where its list of types is not the one we can see. */
function installed(): ((type: string) => boolean) | undefined {
  try {
    const types = createRequire(import.meta.url)("@node-red/registry") as { get(type: string): unknown };
    // a flow's nodes are looked for when it is deployed, and inject is there in every Node-RED that runs
    return (type) => Boolean(types.get(type)) || !types.get("inject");
  } catch {
    return undefined;
  }
}

/**
 * Tells the vault what the running flow says there is: after every deploy, and again whenever the vault comes back.
 * Until it has agreed nothing acts. A flow changed on disk behind our back is judged here too: its findings leave face
 * and relays unarmed.
 */
export default function vaultLink(RED: NodeAPI): void {
  const vault = vaultOf(RED);
  askNodes(nodeFaults(installed()));
  let running: object[] | undefined;

  const tell = async (): Promise<void> => {
    const flow = running;
    if (!flow || !vault.up || registry.isEmpty) return;
    const findings = judgeRunning(flow);
    const hash = flowHash(flow);
    const armed = await registry.configure(
      vault,
      { hash, findings: forVault(findings), record: recordTexts(flow, hash) },
      flowNotices(flow),
      emergenciesOf(flow),
      lineReaders(flow),
    );
    if (!armed.relaysArmed && refusals(findings).length === 0)
      RED.log.warn("[limen] refuse: second-person (the vault keeps this flow unarmed)");
    for (const { rule, node, severity } of findings) RED.log.warn(`[limen] ${severity}: ${rule} (${node})`);
  };
  const tellAndSay = (): void => {
    tell().catch((error) => RED.log.error(`[limen] ${say(error, "en-US").message}`));
  };

  RED.events.on("flows:stopping", () => registry.reset());
  RED.events.on("flows:started", ({ config }: FlowsStarted) => {
    running = config.flows;
    setRunningFlow(running);
    registry.reset();
    tellAndSay();
    process.send?.("flows-started"); // to whoever started this process and waits
  });
  vault.on("down", () => registry.reset());
  flowWatch.on("changed", tellAndSay);
  vault.on("up", tellAndSay);
}
