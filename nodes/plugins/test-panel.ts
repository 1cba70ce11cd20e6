import type { Request, RequestHandler } from "express";
import type { NodeAPI } from "node-red";
import { LimenError } from "../../core/errors.ts";
import { languages } from "../../core/words.ts";
import { whoIs } from "../host/accounts.ts";
import { outcome } from "../lib/acts.ts";
import { say } from "../lib/errors.ts";
import type { Panel } from "../lib/panel.ts";
import { vaultOf } from "../lib/vault.ts";

/** How long a test opening may take to be decided, ms. */
const decidedMs = 6000;

/** Who is signed in at the editor: what the vault checks. */
type Who = (user: object | undefined) => { auth: string } | undefined;

/**
 * The installer's test panel: what a device of the running flow says just now, its light and sound, and a test opening.
 * For those who may deploy, by name; nobody unnamed, also where the editor asks for no sign-in. An opening is theirs on the
 * record, and goes the way of every other: from a way in of that door over the flow's own rules and record to the relay.
 */
export function testPanel(RED: NodeAPI, who: Who = whoIs): void {
  const vault = vaultOf(RED);
  const panelOf = (id: string): Panel => {
    const node = RED.nodes.getNode(id) as { limen?: { panel?: Panel } } | null;
    const panel = node?.limen?.panel;
    if (!panel) throw new LimenError("panel-not-running", { status: 404 });
    return panel;
  };
  const answer = (
    work: (panel: Panel, request: Request, auth: string) => Promise<object>,
  ): RequestHandler => {
    const handler: RequestHandler = (request, response) => {
      const done = (async () => {
        const auth = who((request as { user?: object }).user)?.auth;
        if (auth === undefined) throw new LimenError("not-signed-in", { status: 401 });
        return await work(panelOf(String(request.params.node)), request, auth);
      })();
      response.set("Cache-Control", "no-store");
      done.then(
        (found) => response.json(found),
        (error: unknown) => {
          const language = languages.find((one) => one === request.query.lang) ?? "en-US";
          const { code, message } = say(error, language);
          const status = error instanceof LimenError ? (error.status ?? 400) : 500;
          if (!response.destroyed) response.status(status).json({ code, message });
        },
      );
    };
    return handler;
  };
  const route = (method: "get" | "post", path: string, handler: RequestHandler): void =>
    void RED.httpAdmin[method](path, RED.auth.needsPermission("flows.write"), handler);

  route(
    "get",
    "/limen/panel/:node",
    answer((panel) => {
      const starts = panel.opens && beginsAt(RED, panel.door).length > 0;
      return Promise.resolve({
        devices: panel.look(),
        signal: Boolean(panel.signal),
        opens: Boolean(starts),
      });
    }),
  );
  route(
    "post",
    "/limen/panel/:node/signal",
    answer(async ({ signal }, { query }) => {
      if (!signal) throw new LimenError("panel-no-signal", { status: 404 });
      await signal(query.unit === undefined ? undefined : Number(query.unit));
      return {};
    }),
  );
  route(
    "post",
    "/limen/panel/:node/open",
    answer(async ({ door, opens }, { query }, auth) => {
      if (!door || !opens) throw new LimenError("panel-opens-nothing", { status: 404 });
      if (query.confirm !== door)
        throw new LimenError("panel-unconfirmed", { field: "/confirm", params: { door } });
      const [begin] = beginsAt(RED, door);
      if (!begin) throw new LimenError("panel-no-way", { status: 409 });
      const attempt = await vault.call("door.test", { auth, door });
      begin.send(attempt);
      const { outcome: result, code } = await outcome(vault, attempt.id, decidedMs);
      const language = languages.find((one) => one === query.lang) ?? "en-US";
      return { outcome: result, message: say(new LimenError(code ?? "granted"), language).message };
    }),
  );
  RED.plugins.registerPlugin("limen-test-panel", { type: "limen-test-panel" });
}

/** Nodes of the running flow that an attempt at this door can begin at: staff's own first. */
function beginsAt(RED: NodeAPI, door: string | undefined): NonNullable<Panel["begin"]>[] {
  const found: NonNullable<Panel["begin"]>[] = [];
  RED.nodes.eachNode(({ id }) => {
    const node = RED.nodes.getNode(id) as { limen?: { panel?: Panel } } | null;
    const panel = node?.limen?.panel;
    if (panel?.begin && panel.door === door) found.push(panel.begin);
  });
  return found.sort((one, other) => one.turn - other.turn);
}

export default (RED: NodeAPI): void => testPanel(RED);
