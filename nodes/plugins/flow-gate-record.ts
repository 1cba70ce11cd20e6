import { errorCode } from "../../core/errors.ts";
import { flowDiff } from "../../core/policy/changes/diff.ts";
import { papersDiff } from "../../core/policy/changes/papers.ts";
import { sayDiff } from "../../core/policy/changes/say.ts";
import type { FlowDiff } from "../../core/policy/changes/schema.ts";
import { readGraph } from "../../core/policy/graph/graph.ts";
import { languageOf } from "../../core/policy/refusal.ts";
import { isOn } from "../../core/policy/site.ts";
import { sentence } from "../../core/words.ts";
import type { VaultClient } from "../../vault/client.ts";
import type { ChangeWay } from "../../vault/protocol/changes.ts";
import type { Request } from "../../vault/protocol/index.ts";
import type { FlowSecrets, NodeSecrets } from "../host/flow-secrets.ts";
import type { ChangeDesk } from "../lib/change-desk.ts";
import { flowHash } from "../lib/flow-hash.ts";
import { setDraftFlow } from "../lib/running-flow.ts";
import { answerWith, type Deploy, type EditorUser, type Gate } from "./flow-gate.ts";
import {
  deployedFlow,
  deployedHash,
  isSwapped,
  judge,
  markDeployed,
  markFirst,
  papersTold,
  papersToTell,
  setSwapped,
} from "./flow-gate-judge.ts";
import { type DeployFlows, type Held, Staging } from "./flow-gate-staging.ts";
import { flowWatch } from "./flow-watch.ts";

export interface BoxGateOptions {
  vault(): Pick<VaultClient, "call" | "on">;
  /** For what could not be recorded: a vault that is away refuses no deploy, because one may bring it back. */
  log(line: string): void;
  /** The session or token behind a user of Node-RED's, and which of the two. */
  whoIs(user: EditorUser | undefined): { auth: string; kind: "session" | "token" } | undefined;
  secrets(running: () => readonly object[]): Pick<FlowSecrets, "changed" | "rollBack" | "apply">;
  /** The flow file as it lies on the disk now. */
  onDisk(): Promise<object[]>;
  /** Whether flows come from a project of Node-RED's. */
  inProject(): boolean;
  deploy: DeployFlows;
  /** How long a flow file has to stay another one before anybody is told, ms: a save writes the file before its mark. */
  settleMs?: number;
}

type Record_ = Request<"change.record">;
const mostPending = 50;
const isHash = (text: string | undefined): text is string => /^[0-9a-f]{64}$/.test(text ?? "");
const lines = 12;

/** Does this flow ask for two persons? */
export const asksTwo = (flow: readonly object[]): boolean =>
  readGraph(flow)
    .configs("limen-site")
    .some(({ config }) => isOn(config.twoPersons));

/**
 * The gate of a box: the rules with today's papers; every deploy, saved or refused, on the vault's record with its
 * difference; a second person where the flow asks for one; and an eye on the file.
 */
export function boxGate(options: BoxGateOptions): Gate & {
  desk: ChangeDesk;
  /** Holds the flow file and the papers against what was deployed and told. Call it every so often. */
  recheck(): Promise<void>;
} {
  const { vault, log, whoIs, onDisk, inProject, deploy, settleMs = 1000 } = options;
  let running: readonly object[] = [];
  const secrets = options.secrets(() => running);
  let started = false;
  let pending: Record_[] = [];

  const record = async (entry: Record_): Promise<void> => {
    try {
      await vault().call("change.record", entry);
    } catch (error) {
      const code = errorCode(error);
      log(`${entry.kind} not recorded yet (${code})`);
      if (code === "vault-away" || code === "vault-timeout")
        pending = [...pending, entry].slice(-mostPending);
      else if (entry.auth !== undefined) await record(anonymous(entry)); // its session ended meanwhile
    }
  };
  const flush = async (): Promise<void> => {
    const entries = pending;
    pending = [];
    for (const entry of entries) await record(entry);
    if (entries.some(({ of }) => of !== undefined)) flowWatch.emit("changed"); // agreed to, and only now known of
  };
  const wayOf = (user: EditorUser | undefined): ChangeWay =>
    whoIs(user)?.kind === "token" ? "api" : "editor";
  const authOf = (user: EditorUser | undefined): { auth?: string } => {
    const who = whoIs(user);
    return who ? { auth: who.auth } : {};
  };
  const diffOf = (flow: readonly object[], changed: NodeSecrets = secrets.changed()): FlowDiff =>
    flowDiff(running, flow, [...changed.keys()]);

  const tellPapers = async (): Promise<void> => {
    const changed = papersToTell();
    if (!changed) return;
    papersTold(changed.after);
    await record({ kind: "papers", how: "file", diff: papersDiff(changed.before, changed.after) });
    flowWatch.emit("changed");
  };

  /** What was found on the disk, held against what was deployed. */
  const found = async (flow: readonly object[], how: ChangeWay): Promise<void> => {
    const mark = deployedHash();
    await record({
      kind: "found",
      how,
      ...(isHash(mark) ? { before: mark } : {}),
      after: flowHash(flow),
      diff: flowDiff(deployedFlow() ?? [], flow),
    });
  };

  const carryOut = async ({ flow, secrets: held }: Held, user: EditorUser): Promise<void> => {
    const takeBack = await secrets.apply(held);
    try {
      await deploy(flow, user);
    } catch (error) {
      await takeBack();
      throw error;
    }
  };
  const staging = new Staging(carryOut, (id, error) =>
    record({ kind: "failed", how: "editor", of: id, rules: [errorCode(error)] }),
  );

  let forgotten = false;
  /** Nothing staged outlives the process that held it. */
  const forget = async (): Promise<void> => {
    if (forgotten) return;
    await vault().call("change.forget", {});
    forgotten = true;
  };

  const start = (): void => {
    if (started) return;
    started = true;
    const client = vault();
    client.on("up", () => {
      forget().catch(() => undefined);
      void flush();
    });
    client.on("event", (event) => {
      if (event.event !== "change") return;
      if (event.kind === "approved" && staging.holds(event.change))
        staging.carryOut(event.change, running).catch(() => undefined);
      if (event.kind === "rejected" || event.kind === "expired") staging.drop(event.change);
      if (event.kind !== "accepted" || event.hash !== flowHash(running)) return;
      markDeployed(running);
      flowWatch.emit("changed");
    });
    forget().catch(() => undefined);
  };

  const stage = async ({ flow, user }: Deploy): Promise<never> => {
    const who = whoIs(user);
    if (!who) throw answerWith(401, "not-signed-in", "not signed in");
    const diff = diffOf(flow);
    const [before, after] = [flowHash(running), flowHash(flow)];
    const { id, expires } = await vault().call("change.stage", {
      auth: who.auth,
      how: wayOf(user),
      before,
      after,
      diff,
    });
    staging.hold(id, {
      flow,
      before,
      after,
      previous: running,
      by: user?.username ?? "",
      secrets: secrets.changed(),
    });
    throw answerWith(423, "deploy-waits", waitText(flow, id, expires, diff));
  };

  return {
    lint: judge,
    desk: {
      holds: (id) => staging.holds(id),
      code: (id) => staging.code(id),
      async approve(id, auth) {
        staging.require(id, running);
        await vault().call("change.approve", { auth, id });
        await staging.carryOut(id, running);
      },
      async reject(id, auth) {
        await vault().call("change.reject", { auth, id });
        staging.drop(id);
      },
    },

    async onLoaded(flow) {
      const first = !started;
      start();
      running = flow;
      const how = first ? "start" : inProject() ? "project" : "file";
      const [was, is] = [isSwapped(), flowHash(flow)];
      setSwapped(false);
      if (markFirst(flow)) await record({ kind: "first", how, after: is, diff: flowDiff([], flow) });
      else if (deployedHash() !== is) await found(flow, how);
      else if (was) await record({ kind: "restored", how, after: is });
      staging.dropAll();
      await tellPapers();
    },

    async onRefused(refused) {
      const { flow, findings, user } = refused;
      // what lacks nothing but its papers waits for them: they are made from it, voted on and published
      if (findings.every(({ rule }) => rule === "notice-in-force")) setDraftFlow(flow);
      await record({
        kind: "refused",
        how: wayOf(user),
        ...authOf(user),
        before: flowHash(running),
        after: flowHash(flow),
        rules: [...new Set(findings.map(({ rule }) => rule))],
        diff: diffOf(flow),
      });
    },

    async admit(asked) {
      if (staging.passing(asked.user, asked.flow)) return;
      const deployed = deployedFlow();
      if (asksTwo(running) || (deployed && asksTwo(deployed))) await stage(asked);
    },

    async onSaved(saved) {
      const { flow, user } = saved;
      const agreed = staging.passing(user, flow);
      markDeployed(flow);
      if (flow.some((node) => (node as { type?: string }).type === "face-match")) setDraftFlow(undefined);
      const entry: Record_ = {
        kind: "deployed",
        how: wayOf(user),
        before: flowHash(running),
        after: flowHash(flow),
        diff: diffOf(flow, agreed?.held.secrets),
      };
      running = flow;
      if (!agreed) staging.dropAll();
      await record(agreed ? { ...entry, of: agreed.id } : { ...entry, ...authOf(user) });
    },

    onDropped: () => secrets.rollBack(),

    async recheck() {
      if (!started) return;
      await tellPapers();
      const differs = async (): Promise<object[] | undefined> => {
        const flow = await onDisk().catch(() => []);
        return flowHash(flow) === deployedHash() ? undefined : flow;
      };
      // a flow that was found at its load has been told of; what is swapped under a running one has not
      if (flowHash(running) !== deployedHash()) return;
      let other = await differs();
      if (other) {
        await new Promise((resolve) => setTimeout(resolve, settleMs));
        other = await differs();
      }
      if ((other !== undefined) === isSwapped()) return;
      setSwapped(other !== undefined);
      const how = inProject() ? "project" : "file";
      if (other) await found(other, how);
      else await record({ kind: "restored", how, after: flowHash(running) });
      flowWatch.emit("changed");
    },
  };
}

const anonymous = ({ auth: _, ...entry }: Record_): Record_ => entry;

/** What a deploy that waits is answered with: its id, until when, and what it would change. */
function waitText(flow: readonly object[], id: number, expires: string, diff: FlowDiff): string {
  const language = languageOf(flow);
  const { summary, nodes } = sayDiff(diff, language);
  const said = [...summary, ...nodes.map(({ title }) => title)];
  return [
    sentence(language, "change.staged", { id, expires: expires.slice(0, 16).replace("T", " ") }),
    ...said.slice(0, lines),
    ...(said.length > lines ? [sentence(language, "policy.more", { count: said.length - lines })] : []),
  ]
    .join("\n")
    .replaceAll("<", "‹")
    .replaceAll(">", "›")
    .replaceAll("&", "＆");
}
