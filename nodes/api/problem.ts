import "./words.ts";
import type { ErrorRequestHandler, Response } from "express";
import { LimenError } from "../../core/errors.ts";
import { type Language, languageFor, sentence } from "../../core/words.ts";

/** What body parsers and Express itself throw, in our words. */
const foreign: Record<string, [code: string, status: number]> = {
  "entity.parse.failed": ["json-bad", 400],
  "entity.too.large": ["body-too-large", 413],
  "request.aborted": ["request-cut-off", 400],
  "encoding.unsupported": ["content-type-wrong", 415],
  "charset.unsupported": ["content-type-wrong", 415],
};

/** Any thrown thing as a LimenError; what nobody foresaw becomes `internal` and says nothing of its inside. */
export function asLimenError(thrown: unknown): LimenError {
  if (thrown instanceof LimenError) {
    // an inner fault of the vault's is a fault of ours here too: which field it was in stays inside
    return thrown.code === "internal" ? new LimenError("internal", { status: 500, cause: thrown }) : thrown;
  }
  const { type } = (thrown ?? {}) as { type?: string };
  const known = type === undefined ? undefined : foreign[type];
  if (known) return new LimenError(known[0], { status: known[1] });
  if (thrown instanceof URIError) return new LimenError("not-found", { status: 404 });
  return new LimenError("internal", { status: 500, cause: thrown });
}

/** Answers with RFC 9457 `application/problem+json`: a code for programs, a sentence for people. */
export function sendProblem(res: Response, thrown: unknown, language = "en-US"): void {
  const error = asLimenError(thrown);
  if (error.code === "too-many-requests" && error.params.seconds)
    res.set("Retry-After", String(error.params.seconds));
  if (error.status === 401) res.set("WWW-Authenticate", 'Bearer realm="limen"');
  const spoken = languageFor(language);
  res.status(error.status);
  res.set("Content-Language", spoken);
  res.type("application/problem+json").send(
    JSON.stringify({
      type: `urn:limen:problem:${error.code}`,
      title: titleOf(error, spoken),
      status: error.status,
      code: error.code,
      ...(error.field === undefined ? {} : { field: error.field }),
    }),
  );
}

/** Codes of attempts have their own sentences, which serve here too. */
function titleOf({ code, params: given, field }: LimenError, language: Language): string {
  const params = { ...(field === undefined ? {} : { field }), ...given };
  const said = sentence(language, `error.${code}`, params);
  return said === `error.${code}` ? sentence(language, `attempt.${code}`, params) : said;
}

/** Where a thrown thing came from, without its message: a message may quote what somebody sent. */
export const whence = (thrown: unknown): string =>
  thrown instanceof Error
    ? `${thrown.name} ${thrown.stack?.match(/\n\s+at .*/)?.[0]?.trim() ?? ""}`
    : "not an error";

/** The last handler: everything thrown before a route was found. */
export const problems: ErrorRequestHandler = (error, req, res, next) => {
  if (res.headersSent) next(error);
  else sendProblem(res, error, req.get("accept-language"));
};
