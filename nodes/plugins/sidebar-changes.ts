import type { Request, RequestHandler, Response } from "express";
import type { NodeAPI } from "node-red";
import { LimenError } from "../../core/errors.ts";
import { type Language, languages } from "../../core/words.ts";
import type { VaultClient } from "../../vault/client.ts";
import type { ChangeKind } from "../../vault/protocol/changes.ts";
import { whoIs } from "../host/accounts.ts";
import { changeDesk } from "../lib/change-desk.ts";
import { say } from "../lib/errors.ts";
import { deployedFlows, deployedHash } from "./flow-gate-judge.ts";

/** After these a flow runs. */
const deploys: ReadonlySet<ChangeKind> = new Set(["first", "deployed", "accepted"]);
/** How many changes the sidebar lists. */
const latest = 12;
/** How far back it looks for flows to bring back: as far as the record answers at once. */
const far = 200;

/**
 * Changes for the editor's sidebar: the same verbs as the API's, in the name of whoever is signed in at the editor, whose
 * token is no session of ours.
 */
export function serveChanges(RED: NodeAPI, vault: VaultClient): void {
  // whoever looks at the sidebar sees at once what was put up or decided elsewhere
  vault.on("event", ({ event }) => {
    if (event === "change") RED.comms.publish("limen/changes", {}, false);
  });
  const answer = (work: (request: Request, auth: string) => Promise<object>): RequestHandler => {
    const handler = (request: Request, response: Response): void => {
      const auth = whoIs((request as { user?: object }).user)?.auth;
      const done =
        auth === undefined
          ? Promise.reject(new LimenError("not-signed-in", { status: 401 }))
          : work(request, auth);
      done.then(
        (found) => response.set("Cache-Control", "no-store").json(found),
        (error: unknown) => refuse(response, error, languageOf(request)),
      );
    };
    return handler;
  };
  const { httpAdmin, auth } = RED;
  const [read, write] = [auth.needsPermission("flows.read"), auth.needsPermission("flows.write")];
  httpAdmin.get(
    "/limen/changes",
    read,
    answer(async (_, session) => {
      const { waiting, changes } = await vault.call("change.list", { auth: session, limit: far });
      const kept = deployedFlows()?.hashes() ?? new Set<string>();
      kept.delete(deployedHash() ?? ""); // what runs need not be brought back
      const back = changes.filter(
        ({ kind, after }) => deploys.has(kind) && after !== undefined && kept.has(after),
      );
      const shown = changes.slice(0, latest);
      return {
        waiting,
        changes: shown,
        earlier: back.filter((change) => !shown.includes(change)),
        held: [...new Set(back.map(({ after }) => after))],
      };
    }),
  );
  httpAdmin.get(
    "/limen/changes/:id",
    read,
    answer(({ params }, session) => vault.call("change.read", { auth: session, id: Number(params.id) })),
  );
  httpAdmin.get(
    "/limen/changes/:id/flow",
    read,
    answer(async ({ params }, session) => {
      const { after } = await vault.call("change.read", { auth: session, id: Number(params.id) });
      const flow = after === undefined ? undefined : deployedFlows()?.read(after);
      if (!flow) throw new LimenError("flow-not-kept", { field: "/id", status: 410 });
      return flow;
    }),
  );
  httpAdmin.get(
    "/limen/changes/:id/code",
    write,
    answer(({ params }) => Promise.resolve(changeDesk().code(Number(params.id)))),
  );
  httpAdmin.post(
    "/limen/changes/:id/approve",
    write,
    answer(async ({ params }, session) => {
      await changeDesk().approve(Number(params.id), session);
      return {};
    }),
  );
  httpAdmin.post(
    "/limen/changes/:id/reject",
    write,
    answer(async ({ params }, session) => {
      await changeDesk().reject(Number(params.id), session);
      return {};
    }),
  );
}

const languageOf = ({ query }: Request): Language => languages.find((one) => one === query.lang) ?? "en-US";

function refuse(response: Response, error: unknown, language: Language): void {
  const said = say(error instanceof LimenError ? error : asOurs(error), language);
  const { status } = error as { status?: number };
  response.status(status ?? 500).json({ code: said.code, message: said.message });
}

/** What the gate or the runtime threw, by its code where that is one of ours. */
const asOurs = (error: unknown): unknown => {
  const { code, status } = error as { code?: string; status?: number };
  return code === "flow-unlawful" || code === "deploy-waits"
    ? new LimenError(code, { status: status ?? 422 })
    : code === "version_mismatch"
      ? new LimenError("change-stale", { status: 409 })
      : error;
};
