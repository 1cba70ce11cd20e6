import type { Request, Response } from "express";
import { LimenError } from "../../core/errors.ts";
import type { VaultEvent } from "../../vault/protocol/index.ts";
import { verbs } from "../../vault/protocol/index.ts";
import { apiHeaders } from "./headers.ts";
import { asLimenError, sendProblem } from "./problem.ts";
import type { ApiDeps, Session } from "./route.ts";
import { sessionOf } from "./session.ts";

/** Door walls looking at once: a browser opens six connections, a site has a few guards. */
const maxStreams = 100;
/** How often a silent line is kept alive and its session asked for again, ms. */
const beatMs = 20_000;

/**
 * `GET /events/stream`: tells at once which door something happened at, as server-sent events. Nothing else is on it:
 * what happened is asked for with `GET /events`, which decides by role every time. A session that ends, ends its stream;
 * one that only hears keeps nobody signed in.
 */
export function stream(deps: ApiDeps): (req: Request, res: Response) => void {
  let open = 0;
  return (req, res) => {
    start(deps, req).then(
      () => {
        if (open >= maxStreams) {
          sendProblem(
            res,
            new LimenError("too-many-requests", { status: 429, params: { seconds: 60 } }),
            req.get("accept-language"),
          );
          return;
        }
        open++;
        res.once("close", () => open--);
        run(deps, req, res);
      },
      (error) => sendProblem(res, asLimenError(error), req.get("accept-language")),
    );
  };
}

/** @throws LimenError `not-signed-in` (401), `not-allowed` (403), `vault-away` (503) */
async function start({ vault }: ApiDeps, req: Request): Promise<Session> {
  const session = await sessionOf(req, vault, { touch: false });
  if (!session) throw new LimenError("not-signed-in", { status: 401 });
  if (!verbs["event.list"].roles!.includes(session.role))
    throw new LimenError("not-allowed", { status: 403 });
  return session;
}

function run(deps: ApiDeps, req: Request, res: Response): void {
  const { vault } = deps;
  apiHeaders(req, res, () => undefined);
  res.set({ "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
  res.flushHeaders();
  const say = (event: string, data: object) =>
    res.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  const hear = (told: VaultEvent): void => {
    if (told.event === "attempt") say("door", { door: told.attempt.door });
    // a duress code is told to whoever answers for it, not to a wall that others can see
    if (told.event === "door" && told.kind !== "duress") say("door", { door: told.door });
  };
  const away = () => say("vault", { up: false });
  const back = () => say("vault", { up: true });
  vault.on("event", hear);
  vault.on("down", away);
  vault.on("up", back);
  say("vault", { up: vault.up });
  const beat = setInterval(() => {
    start(deps, req).then(
      () => res.write(": still here\n\n"),
      (error) => {
        if (asLimenError(error).status < 500) res.end();
      },
    );
  }, beatMs);
  res.once("close", () => {
    clearInterval(beat);
    vault.off("event", hear);
    vault.off("down", away);
    vault.off("up", back);
  });
}
