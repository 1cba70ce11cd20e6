import { createHash, randomBytes } from "node:crypto";

export interface SignIn {
  user: string;
  password: string;
}

/** What a camera asks for in `WWW-Authenticate` (RFC 7616, RFC 7617). */
export type Challenge =
  | { scheme: "basic" }
  | {
      scheme: "digest";
      realm: string;
      nonce: string;
      algorithm: "MD5" | "SHA-256";
      qop: boolean;
      opaque?: string;
    };

/** The strongest challenge in the header that we know; undefined: none. */
export function readChallenge(header: string | null): Challenge | undefined {
  const digests = [...(header ?? "").matchAll(/digest\s+((?:[\w-]+\s*=\s*(?:"[^"]*"|[^\s,]+)\s*,?\s*)+)/gi)]
    .map(([, fields]) => digestOf(fields!))
    .filter((challenge) => challenge !== undefined)
    .sort((p, q) => q.algorithm.localeCompare(p.algorithm));
  if (digests[0]) return digests[0];
  return /\bbasic\b/i.test(header ?? "") ? { scheme: "basic" } : undefined;
}

function digestOf(text: string): Extract<Challenge, { scheme: "digest" }> | undefined {
  const fields = new Map(
    [...text.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/g)].map(([, key, quoted, bare]) => [
      key!.toLowerCase(),
      quoted ?? bare!,
    ]),
  );
  const [realm, nonce, opaque] = [fields.get("realm"), fields.get("nonce"), fields.get("opaque")];
  const algorithm = (fields.get("algorithm") ?? "MD5").toUpperCase();
  if (realm === undefined || nonce === undefined || (algorithm !== "MD5" && algorithm !== "SHA-256"))
    return undefined;
  const qop = (fields.get("qop") ?? "").split(",").some((one) => one.trim() === "auth");
  return { scheme: "digest", realm, nonce, algorithm, qop, ...(opaque === undefined ? {} : { opaque }) };
}

/** The `Authorization` header that answers a challenge. @param count how often this nonce was used, from 1 */
export function authorization(
  challenge: Challenge,
  { user, password }: SignIn,
  request: { method: string; path: string },
  count = 1,
  cnonce = randomBytes(12).toString("hex"),
): string {
  if (challenge.scheme === "basic") return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const { realm, nonce, algorithm, qop, opaque } = challenge;
  const hash = (text: string) =>
    createHash(algorithm === "MD5" ? "md5" : "sha256")
      .update(text)
      .digest("hex");
  const secret = hash(`${user}:${realm}:${password}`);
  const what = hash(`${request.method}:${request.path}`);
  const nc = count.toString(16).padStart(8, "0");
  const response = hash(
    qop ? `${secret}:${nonce}:${nc}:${cnonce}:auth:${what}` : `${secret}:${nonce}:${what}`,
  );
  const quoted = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
  return [
    `Digest username=${quoted(user)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(request.path)}`,
    `algorithm=${algorithm}`,
    `response="${response}"`,
    ...(qop ? [`qop=auth`, `nc=${nc}`, `cnonce="${cnonce}"`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ].join(", ");
}
