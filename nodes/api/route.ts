import type { IncomingMessage } from "node:http";
import type { Clock } from "../../core/clock.ts";
import type { EntryAttempt } from "../../core/entry/attempt.ts";
import type { Static, TObject, TSchema } from "../../core/schema.ts";
import type { Language } from "../../core/words.ts";
import type { VaultClient } from "../../vault/client.ts";
import type { purposes, Role } from "../../vault/protocol/common.ts";
import type { ActKind, Acts } from "../lib/acts.ts";
import type { AddressOf } from "./caller-address.ts";
import type { LimitName } from "./limits.ts";

/** Who is calling: a session cookie or a bearer token that the vault has just confirmed. */
export interface Session {
  /** What the vault checks on every call; never shown, never logged. */
  auth: string;
  role: Role;
  name: string;
  /** A resident's own id: the only person this session reaches. */
  person?: string;
  /** RFC 3339. */
  expires: string;
  /** Whether a password or passkey was given moments ago; the vault decides, this spares an upload. */
  fresh?: boolean;
  /** Nobody used it for a while: doors may be looked at, the rest wants a proof first. */
  resting?: true;
  by: "cookie" | "bearer";
}

/** How a request at a door reaches the deployed flow and comes back decided (`nodes/lib/acts.ts`). */
export interface DoorActs {
  /** Starts an act at a door. @returns the attempt's id, where one comes of it @throws LimenError `no-such-way` when no node serves it */
  act<K extends ActKind>(door: string, kind: K, details: Acts[K]): Promise<string>;
  /** The attempt once it is decided and recorded. @throws LimenError `outcome-late` after `ms` */
  outcome(attempt: string, ms: number): Promise<EntryAttempt>;
}

/** What the API stands on; passed in, so that tests can stand it on something small. */
export interface ApiDeps {
  vault: Pick<VaultClient, "call" | "up" | "on" | "off">;
  acts: DoorActs;
  /** The flow whose nodes are running; undefined until one does. */
  flow(): readonly object[] | undefined;
  /** The flow that lacks nothing but its papers; undefined: there is none. */
  draft(): readonly object[] | undefined;
  clock: Clock;
  /** Addresses people type (`LIMEN_URL`), the first one for links; absent: whatever the caller used. */
  addresses?: readonly string[];
  /** Where requests come from; absent: the other end of the line. */
  addressOf?: AddressOf;
  /** Whether a proxy the installer named (`LIMEN_PROXY`) says that the browser speaks https to it; absent: none is believed. */
  cameByHttps?: (req: IncomingMessage) => boolean;
  /** Seals the cookies of door screens; 32 bytes, kept across restarts. */
  screenKey: Buffer;
  /** One line for the operator: method, path template, code. Never a value somebody sent. */
  log(line: string): void;
}

type Of<S> = S extends TSchema ? Static<S> : undefined;

/** One request as a handler sees it: everything checked, nothing raw. */
export interface Call<P = unknown, Q = unknown, B = unknown> extends ApiDeps {
  params: P;
  query: Q;
  body: B;
  /** Uploaded pictures; overwritten as soon as the handler returns. */
  frames: Buffer[];
  session: Session | undefined;
  /** The session's secret. @throws LimenError `not-signed-in` */
  auth: string;
  language: Language;
  /** From the `Limen-Purpose` header; set where the route asks for it. */
  purpose: (typeof purposes)[number];
  /** The same as a vault's field, absent where a resident looks at their own. */
  why: { purpose?: (typeof purposes)[number] };
  address: string;
  /** Scheme and host for links handed over: the site's own address, or by which the caller reached this box. */
  origin: string;
  /** Scheme and host of the page that asks, as its browser says it. */
  from: string;
  /** Spends from a limit that hangs on more than the address (a door). @throws LimenError `too-many-requests` */
  spend(limit: LimitName, key: string): void;
  /** Whether it comes from this door's own screen, or for one that is only drawn from the box itself. */
  atDoor(door: string, simulated: boolean): boolean;
  /** Makes this browser the door's screen. */
  pair(door: string): void;
  /** Sets the session cookie, for as long as the session may last at most, or clears it. */
  cookie(auth: string | undefined, until?: Date): void;
}

export type RouteMethod = "get" | "post" | "put" | "patch" | "delete";

/**
 * One line of the table from which the router, the checks and the OpenAPI document come.
 * `roles`: who may call; `public`: no session needed; `signed-in`: any role.
 */
export interface Route<
  P extends TObject | undefined = TObject | undefined,
  Q extends TObject | undefined = TObject | undefined,
  B extends TSchema | undefined = TSchema | undefined,
  A extends TSchema = TSchema,
> {
  method: RouteMethod;
  /** OpenAPI form: `/persons/{id}`. */
  path: string;
  summary: string;
  roles: readonly Role[] | "public" | "signed-in";
  params?: P;
  query?: Q;
  body?: B;
  /** `frames`: multipart pictures; `jpeg`: one picture as the body. Instead of `body`. */
  upload?: "frames" | "jpeg";
  /** Of these roles a fresh sign-in is wanted, else `fresh-sign-in-needed` (403): `POST /session/proof`. */
  fresh?: readonly Role[] | undefined;
  /** A session that rests may still ask it, else `session-rests` (403): `POST /session/proof`. */
  atRest?: true;
  /**
   * Needs the `Limen-Purpose` header: a look at personal data (RD-48). `unless-own`: not of a resident, who reaches nobody
   * else's.
   */
  purpose?: true | "unless-own";
  answer: A;
  /** Default 200; 204 where the answer is empty. */
  status?: 200 | 201 | 202;
  /** A limit of its own by address, on top of everybody's. */
  limit?: LimitName;
  handle(call: Call<Of<P>, Of<Q>, Of<B>>): Promise<Static<A>> | Static<A>;
}

/** Checks one line of the table against its own schemas, then forgets their types. */
export const route = <
  const P extends TObject | undefined,
  const Q extends TObject | undefined,
  const B extends TSchema | undefined,
  const A extends TSchema,
>(
  line: Route<P, Q, B, A>,
): Route => line as unknown as Route;
