import type * as Prove from "./prove.ts";
import { currentLanguage, t } from "./words.ts";

/** What the API refuses with (RFC 9457): `title` is a sentence in the page's language. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly field: string | undefined;

  constructor(body: { title: string; code: string; status: number; field?: string }) {
    super(body.title);
    this.code = body.code;
    this.status = body.status;
    this.field = body.field;
  }
}

export interface Session {
  role: string;
  name: string;
  /** A resident's own id. */
  person?: string;
  expires: string;
}

let csrf: string | undefined;

/** The session this browser has, if any. Also fetches the token that changes need. */
export async function session(): Promise<Session | undefined> {
  try {
    return keepSession(await ask("GET", "/session"));
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return undefined;
    throw error;
  }
}

export const signIn = async (name: string, password: string): Promise<Session> =>
  keepSession(await ask("POST", "/session", { name, password }));

/** A resident's way in: the secret of a link or QR code from the desk, good once. */
export const signInByInvitation = async (invitation: string): Promise<Session> =>
  keepSession(await ask("POST", "/session/invitation", { invitation }));

export async function signOut(): Promise<void> {
  await ask("DELETE", "/session");
  csrf = undefined;
}

/**
 * One request to the API. Where it wants a fresh sign-in the page asks for one in place, and the request goes again;
 * where another tab has renewed the session meanwhile, its new token is fetched first.
 * @param body JSON, a form with pictures, or one JPEG
 * @throws Problem
 */
export async function ask<T>(
  ...request: [
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body?: object | FormData | Blob,
    headers?: Record<string, string>,
  ]
): Promise<T> {
  try {
    return await once(...request);
  } catch (error) {
    const code = error instanceof Problem ? error.code : undefined;
    if (code === "fresh-sign-in-needed" || code === "session-rests") {
      // fetched when it is needed first; it stands on this file itself
      const { proveAgain } = (await import("./prove.js" as string)) as typeof Prove;
      if (await proveAgain(code === "session-rests")) return once(...request);
    }
    if (code === "csrf" && (await session())) return once(...request);
    throw error;
  }
}

let hand: boolean | undefined;

/**
 * A look a page takes by itself: it keeps nobody signed in, unless somebody's hand was at the page since the last one, and
 * never asks who is here in the middle of it.
 * @throws Problem
 */
export function watch<T>(path: string): Promise<T> {
  if (hand === undefined) {
    const seen = (event: Event): void => {
      hand ||= event.isTrusted;
    };
    for (const act of ["pointerdown", "keydown"])
      addEventListener(act, seen, { capture: true, passive: true });
  }
  const used = hand;
  hand = false;
  return used ? once("GET", path) : once("GET", path, undefined, { "Limen-Background": "1" });
}

async function once<T>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: object | FormData | Blob,
  headers: Record<string, string> = {},
): Promise<T> {
  const raw = body instanceof FormData || body instanceof Blob;
  const response = await reach(`/api/v1${path}`, {
    method,
    headers: {
      "Accept-Language": currentLanguage(),
      ...(csrf && method !== "GET" ? { "Limen-CSRF": csrf } : {}),
      ...(body && !raw ? { "Content-Type": "application/json" } : {}),
      ...headers,
    },
    ...(body ? { body: raw ? body : JSON.stringify(body) } : {}),
  });
  if (response.status === 204) return {} as T;
  const answer: unknown = await response.json();
  if (!response.ok) throw new Problem(answer as never);
  return answer as T;
}

/** @throws Problem `unreachable` when the box does not answer at all */
async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch {
    throw new Problem({ title: t("shared.unreachable"), code: "unreachable", status: 0 });
  }
}

/** Keeps the token that changes need. @returns the rest */
export function keepSession({ csrf: token, ...rest }: Session & { csrf?: string }): Session {
  csrf = token;
  return rest;
}
