import { LimenError } from "../../core/errors.ts";
import type { Request } from "../../vault/protocol/index.ts";
import { flowHash } from "../lib/flow-hash.ts";
import { setDraftFlow } from "../lib/running-flow.ts";
import type { EditorUser, Gate } from "./flow-gate.ts";
import { judge, markDeployed, markFirst } from "./flow-gate-judge.ts";

/** The one verb of the vault a gate needs. */
export interface Recorder {
  call(verb: "event", request: Request<"event">): Promise<unknown>;
}

/** An account's name as a record may hold it: other scripts than Latin as their code points. */
const nameOf = (user: EditorUser | undefined): string =>
  (user?.username ?? "anonymous")
    .replace(/[^a-zA-Z0-9._-]/gu, (char) => `:${char.codePointAt(0)!.toString(16)}:`)
    .slice(0, 24);

const detailOf = (...parts: string[]): string => parts.join(" ").slice(0, 64);

interface Named {
  id?: string;
  type?: string;
  door?: string;
}

const doorsIn = (flow: readonly object[]): string[] =>
  (flow as Named[]).flatMap(({ type, door }) => (type === "limen-door" && door ? [door] : []));

/** How many nodes came, went and changed: what a record has room for; the file's history has the rest. */
export function diffCounts(before: readonly object[], after: readonly object[]): string {
  const old = new Map((before as Named[]).map((node) => [node.id, JSON.stringify(node)] as const));
  let added = 0;
  let changed = 0;
  for (const node of after as Named[]) {
    const was = old.get(node.id);
    if (was === undefined) added++;
    else if (was !== JSON.stringify(node)) changed++;
    old.delete(node.id);
  }
  return `a${added} r${old.size} c${changed}`;
}

/**
 * The gate of a box: the rules with today's papers, and every deploy, saved or refused, on the vault's record under a
 * door of the flow in service.
 * @param log for what could not be recorded: a vault that is away refuses no deploy, because one may bring it back
 */
export function boxGate(vault: () => Recorder, log: (line: string) => void): Gate {
  let running: readonly object[] = [];
  const record = async (kind: "deployed" | "deploy-refused", detail: string): Promise<void> => {
    const door = doorsIn(running)[0];
    try {
      if (door === undefined) throw new LimenError("not-configured");
      await vault().call("event", { door, kind, detail });
    } catch (error) {
      log(`${kind} not recorded (${(error as { code?: string }).code ?? "internal"}): ${detail}`);
    }
  };
  return {
    lint: judge,
    onLoaded(flow) {
      running = flow;
      markFirst(flow);
    },
    async onRefused({ flow, findings, user }) {
      // what lacks nothing but its papers waits for them: they are made from it, voted on and published
      if (findings.every(({ rule }) => rule === "notice-in-force")) setDraftFlow(flow);
      const rules = [...new Set(findings.map(({ rule }) => rule))];
      await record("deploy-refused", detailOf(nameOf(user), ...rules));
    },
    async onSaved({ flow, before, user }) {
      markDeployed(flow);
      if (flow.some((node) => (node as Named).type === "face-match")) setDraftFlow(undefined);
      await record("deployed", detailOf(nameOf(user), diffCounts(before, flow), flowHash(flow).slice(0, 16)));
      running = flow;
    },
  };
}
