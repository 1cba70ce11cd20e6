import { randomUUID } from "node:crypto";
import type { Request, Response } from "express";
import { LimenError } from "../../core/errors.ts";
import { parse } from "../../core/schema.ts";
import type { VaultEvent } from "../../vault/protocol/index.ts";
import { apiHeaders } from "./headers.ts";
import { asLimenError, sendProblem } from "./problem.ts";
import type { ApiDeps } from "./route.ts";
import { isOnBox, isPaired } from "./screens.ts";
import { byDoor } from "./shapes.ts";

/** Screens of one site at once, and a few that are being tried out. */
const maxStreams = 200;
const beatMs = 20_000;
/** Another one after each start: a screen that hangs on a wall for months then fetches its page anew. */
const run = randomUUID();

/**
 * `GET /doors/{id}/stream`: tells the door's own screen what became of each attempt there, whatever the way, as
 * server-sent events: outcome, code, and the language to say it in; what a look asks somebody to do meanwhile, what is wrong
 * with its pictures, and when one wants this screen's own. Nothing of who, when or with what: the screen has
 * the sentences itself, one for each code of a closed list (RD-41).
 */
export function doorStream(deps: ApiDeps): (req: Request, res: Response) => void {
  let open = 0;
  return (req, res) => {
    try {
      const { id: door } = parse(byDoor, { ...req.params });
      // it only tells, so that nothing can be started from the box itself
      if (!isOnBox(req) && !isPaired(req, deps.screenKey, door, deps.clock.now()))
        throw new LimenError("not-at-door", { status: 403 });
      if (open >= maxStreams)
        throw new LimenError("too-many-requests", { status: 429, params: { seconds: 60 } });
      open++;
      res.once("close", () => open--);
      follow(deps, door, req, res);
    } catch (error) {
      sendProblem(res, asLimenError(error), req.get("accept-language"));
    }
  };
}

function follow({ vault }: ApiDeps, door: string, req: Request, res: Response): void {
  apiHeaders(req, res, () => undefined);
  res.set({ "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
  res.flushHeaders();
  const say = (event: string, data: object) =>
    res.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  const hear = (told: VaultEvent): void => {
    if (told.event === "look" && told.door === door) {
      if (told.screen) say("look", { running: told.running });
      if (told.ask) say("ask", { ask: told.ask });
      if (told.hint !== undefined) say("hint", { hint: told.hint });
    }
    if (told.event !== "attempt" || told.attempt.door !== door) return;
    const { id, outcome, code, record } = told.attempt;
    if (outcome === "pending" || record === undefined) return;
    const { language } = told;
    say("outcome", { attempt: id, outcome, code: code ?? outcome, ...(language ? { language } : {}) });
  };
  const away = () => say("vault", { up: false });
  const back = () => say("vault", { up: true });
  vault.on("event", hear);
  vault.on("down", away);
  vault.on("up", back);
  say("hello", { run, beatMs });
  say("vault", { up: vault.up });
  const beat = setInterval(() => say("beat", {}), beatMs);
  res.once("close", () => {
    clearInterval(beat);
    vault.off("event", hear);
    vault.off("down", away);
    vault.off("up", back);
  });
}
