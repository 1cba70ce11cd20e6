import { type Request, type Response, Router } from "express";
import { LimenError } from "../../core/errors.ts";
import { awake } from "../../core/people/awake.ts";
import { parse, type Static, type TObject } from "../../core/schema.ts";
import { languageFor } from "../../core/words.ts";
import { purposes } from "../../vault/protocol/common.ts";
import { addressFrom } from "./caller-address.ts";
import { doorStream } from "./door-stream.ts";
import { FileAnswer, sendFile } from "./files.ts";
import { apiHeaders } from "./headers.ts";
import { KnownSessions } from "./known-sessions.ts";
import { Limiter, type LimitName } from "./limits.ts";
import { openApi } from "./openapi.ts";
import { asLimenError, problems, sendProblem, whence } from "./problem.ts";
import type { ApiDeps, Call, Route, Session } from "./route.ts";
import { routes } from "./routes.ts";
import { isAtDoor, screenCookie, screenDays, screenToken, secureScreenCookie } from "./screens.ts";
import { cookieFlags, cookieName, refuseCrossSite, sessionOf, speaksHttps, vouched } from "./session.ts";
import { emptyAnswer, noFields } from "./shapes.ts";
import { stream } from "./stream.ts";
import { overwrite, readBody, readFrames, readJpeg } from "./uploads.ts";

const lineAddress = addressFrom(undefined);

const expressPath = (path: string): string => path.replace(/\{(\w+)\}/g, ":$1");

/** The API as an Express router, to be mounted at `/api/v1`. */
export function apiRouter(deps: ApiDeps): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const limiter = new Limiter(deps.clock);
  const known = new KnownSessions();
  router.use(apiHeaders);
  router.get("/openapi.json", (_req, res) => void res.json(openApi(routes)));
  router.get("/events/stream", stream(deps));
  router.get("/doors/:id/stream", doorStream(deps));
  for (const line of routes)
    router[line.method](
      expressPath(line.path),
      (req, res) => void answer(line, deps, { limiter, known }, req, res),
    );
  for (const path of new Set(routes.map((line) => line.path))) {
    const allowed = routes.filter((line) => line.path === path).map((line) => line.method.toUpperCase());
    router.all(expressPath(path), (req, res) => {
      res.set("Allow", allowed.join(", "));
      sendProblem(res, new LimenError("method-not-allowed", { status: 405 }), req.get("accept-language"));
    });
  }
  router.use((req, res) => {
    sendProblem(res, new LimenError("not-found", { status: 404 }), req.get("accept-language"));
  });
  router.use(problems);
  return router;
}

async function answer(
  line: Route,
  deps: ApiDeps,
  { limiter, known }: { limiter: Limiter; known: KnownSessions },
  req: Request,
  res: Response,
): Promise<void> {
  let frames: Buffer[] = [];
  try {
    const spend = (limit: LimitName, key: string) => limiter.spend(limit, key);
    const address = (deps.addressOf ?? lineAddress)(req);
    // an office has one address and many people at work
    spend("any", known.key(req) ?? address);
    if (line.limit) spend(line.limit, address);
    const changes = line.method !== "get";
    if (changes) refuseCrossSite(req);
    const session = await whoIs(line, req, deps, changes);
    if (session) known.add(session);
    if (session?.fresh === false && line.fresh?.includes(session.role))
      throw new LimenError("fresh-sign-in-needed", { status: 403 });
    const secure = speaksHttps(req, deps.addresses, deps.cameByHttps);
    const here = `${secure ? "https" : req.protocol}://${req.get("host") ?? "localhost"}`;
    const params = parse(line.params ?? noFields, { ...req.params });
    const query = parse(line.query ?? noFields, numbers(line.query, { ...req.query }));
    const asked = line.purpose === true || (line.purpose && session?.role !== "resident");
    const purpose = asked ? purposeOf(req) : purposes[0];
    const body = line.upload ? undefined : checkBody(line, await readBody(req, res));
    if (line.upload === "frames") frames = await readFrames(req);
    if (line.upload === "jpeg") frames = await readJpeg(req, res);
    const call: Call = {
      ...deps,
      params,
      query,
      body,
      frames,
      session,
      get auth() {
        if (!session) throw new LimenError("not-signed-in", { status: 401 });
        return session.auth;
      },
      language: languageFor(req.get("accept-language")),
      purpose,
      why: asked ? { purpose } : {},
      address,
      origin: deps.addresses?.[0] ?? here,
      from: req.get("origin") ?? here,
      spend,
      atDoor: (door, simulated) => isAtDoor(req, deps.screenKey, door, deps.clock.now(), simulated),
      pair(door) {
        const expires = new Date(deps.clock.now().getTime() + screenDays * 86_400_000);
        const token = screenToken(deps.screenKey, door, expires.getTime());
        res.cookie(secure ? secureScreenCookie : screenCookie, token, { ...cookieFlags(secure), expires });
      },
      cookie: (auth, until) => setCookie(secure, res, auth, until),
    };
    // What leaves is checked like what comes in: a field nobody listed never gets out (ASVS 8.2.3).
    const result = checkAnswer(line, await line.handle(call as never));
    if (line.answer === emptyAnswer) res.status(204).end();
    else if (line.answer === FileAnswer)
      sendFile(res, line.status ?? 200, result as Static<typeof FileAnswer>);
    else res.status(line.status ?? 200).json(result);
  } catch (thrown) {
    const error = asLimenError(thrown);
    if (error.status >= 500)
      deps.log(`${line.method.toUpperCase()} ${line.path}: ${error.code} ${whence(error.cause ?? thrown)}`);
    sendProblem(res, error, req.get("accept-language"));
  } finally {
    overwrite(frames);
  }
}

/**
 * The session, if the route's roles have it. A public route goes on without one that is over or not vouched for: a
 * stale cookie must not keep anyone from a door, nor from signing in again.
 * @throws LimenError `not-signed-in` (401), `not-allowed` (403), `csrf` (403), `session-rests` (403)
 */
async function whoIs(
  line: Route,
  req: Request,
  deps: ApiDeps,
  changes: boolean,
): Promise<Session | undefined> {
  if (line.roles === "public") {
    const session = await sessionOf(req, deps.vault).catch((error: unknown) => {
      if (asLimenError(error).status === 401) return undefined;
      throw error;
    });
    return session && !session.resting && (!changes || vouched(req, session)) ? session : undefined;
  }
  const session = await sessionOf(req, deps.vault);
  if (!session) throw new LimenError("not-signed-in", { status: 401 });
  if (line.roles !== "signed-in" && !line.roles.includes(session.role))
    throw new LimenError("not-allowed", { status: 403 });
  if (changes && !vouched(req, session)) throw new LimenError("csrf", { status: 403 });
  if (!line.atRest) awake(session);
  return session;
}

function checkBody(line: Route, body: unknown): unknown {
  if (line.body) return parse(line.body, body ?? {});
  if (body !== undefined && JSON.stringify(body) !== "{}") throw new LimenError("field-unknown");
  return undefined;
}

function checkAnswer(line: Route, result: unknown): unknown {
  try {
    return parse(line.answer, result);
  } catch (cause) {
    throw new LimenError("internal", { status: 500, cause });
  }
}

function purposeOf(req: Request): (typeof purposes)[number] {
  const given = purposes.find((purpose) => purpose === req.get("limen-purpose"));
  if (!given) throw new LimenError("purpose-needed", { params: { purposes: purposes.join(", ") } });
  return given;
}

/** Query values arrive as text; the schema says which of them are numbers. */
function numbers(schema: TObject | undefined, query: Record<string, unknown>): Record<string, unknown> {
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    const value = query[name];
    const { type } = property as { type?: string };
    if (type === "integer" && typeof value === "string" && /^\d{1,9}$/.test(value))
      query[name] = Number(value);
  }
  return query;
}

/**
 * @param until when the session is over whatever is done: the vault alone says when it was idle too long, and a cookie that
 *   ended with the first quarter of an hour would sign out whoever is working
 */
function setCookie(secure: boolean, res: Response, auth: string | undefined, until?: Date): void {
  const name = cookieName(secure);
  const flags = cookieFlags(secure);
  if (auth === undefined) res.clearCookie(name, flags);
  else res.cookie(name, auth, until ? { ...flags, expires: until } : flags);
}
