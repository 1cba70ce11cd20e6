import { createHash, createHmac } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  RegistrationResponseJSON,
} from "@simplewebauthn/server";
import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import { Challenges } from "./challenges.ts";
import { type Party, partyOf } from "./party.ts";

export interface PasskeysDeps {
  /** `people.db`, opened with `peopleMigrations`. */
  db: DatabaseSync;
  clock: Clock;
  /** 32 bytes that stay: from them come the handles by which authenticators know their users. */
  secret: Buffer;
  /** Addresses people type (`LIMEN_URL`); none: passkeys only on the box itself. */
  site: readonly string[];
}

/** Whose passkey: an account of staff, or a resident by pseudonym. */
export type Holder = { staff: string } | { person: string };

export interface PasskeyView {
  id: string;
  /** Chosen by staff; a resident's has none. */
  label: string;
  since: string;
  used?: string;
  /** Kept by a password manager on several devices. */
  synced: boolean;
}

interface Row {
  id: string;
  staff: string | null;
  person: string | null;
  credential: Uint8Array<ArrayBuffer>;
  public_key: Uint8Array<ArrayBuffer>;
  counter: number;
  rp: string;
  transports: string;
  label: string;
  synced: number;
  since: string;
  used: string | null;
}

/** More than anybody has devices; a stolen session cannot fill the disk. */
const mostEach = 10;

/** Ed25519, ES256, RS256 (COSE): what authenticators of today have. */
const algorithms = [-8, -7, -257] as const;

/** Loaded when the first passkey is used: a site without any does not carry it. */
const webauthn = () => import("@simplewebauthn/server");

/**
 * Passkeys (WebAuthn Level 3): discoverable, user verification required, no attestation asked (nobody's device is
 * told apart by maker), ES256, Ed25519 or RS256. Options and answers are the JSON texts of WebAuthn 5.1.8 to 5.1.10.
 */
export class Passkeys {
  readonly #deps: PasskeysDeps;
  readonly #challenges: Challenges;

  constructor(deps: PasskeysDeps) {
    this.#deps = deps;
    this.#challenges = new Challenges(deps.clock);
  }

  /**
   * What a browser needs to make a passkey.
   * @param request.name shown by the authenticator beside the passkey; for residents not kept here
   * @param request.session binds the challenge: only this session may bring the answer
   * @throws LimenError `passkey-elsewhere`, `passkey-no-address`, `passkeys-enough`
   */
  async registration(request: {
    holder: Holder;
    name: string;
    session: string;
    origin: string;
  }): Promise<string> {
    const { holder, name, session, origin } = request;
    const party = partyOf(origin, this.#deps.site);
    const held = this.#of(holder);
    if (held.length >= mostEach) throw new LimenError("passkeys-enough", { status: 409 });
    const { generateRegistrationOptions } = await webauthn();
    const options = await generateRegistrationOptions({
      rpName: "Limen",
      rpID: party.rp,
      userName: name,
      userID: new Uint8Array(this.#handleOf(holder)),
      challenge: this.#challenges.issue(`register ${bound(session)}`),
      attestationType: "none",
      supportedAlgorithmIDs: [...algorithms],
      excludeCredentials: held.filter(({ rp }) => rp === party.rp).map(descriptor),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
    return JSON.stringify(options);
  }

  /**
   * Keeps a passkey that a browser made. @returns its id
   * @throws LimenError `passkey-late` (challenge over, used or another's), `passkey-failed`, `passkeys-enough`
   */
  async register(request: {
    holder: Holder;
    label: string;
    session: string;
    response: string;
  }): Promise<string> {
    const { db, clock } = this.#deps;
    const { holder, label, session } = request;
    const response = read<RegistrationResponseJSON>(request.response);
    const party = this.#partyIn(response.response?.clientDataJSON);
    const { verifyRegistrationResponse } = await webauthn();
    const { registrationInfo } = await this.#judged(`register ${bound(session)}`, 400, (expectedChallenge) =>
      verifyRegistrationResponse({
        response,
        expectedChallenge,
        expectedOrigin: party.origin,
        expectedRPID: party.rp,
        requireUserVerification: true,
        supportedAlgorithmIDs: [...algorithms],
      }),
    );
    if (!registrationInfo) throw new LimenError("passkey-failed", { status: 400 });
    if (this.#of(holder).length >= mostEach) throw new LimenError("passkeys-enough", { status: 409 });
    const { credential, credentialBackedUp } = registrationInfo;
    const bytes = Buffer.from(credential.id, "base64url");
    if (db.prepare("SELECT 1 FROM passkey WHERE credential = ?").get(bytes))
      throw new LimenError("passkey-failed", { status: 409 });
    const id = opaqueId("passkey");
    db.prepare(
      `INSERT INTO passkey (id, staff, person, credential, public_key, counter, rp, transports, label, synced, since)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      id,
      "staff" in holder ? holder.staff : null,
      "person" in holder ? holder.person : null,
      bytes,
      credential.publicKey,
      credential.counter,
      party.rp,
      (credential.transports ?? []).join(" "),
      "staff" in holder ? label : "",
      credentialBackedUp ? 1 : 0,
      clock.now().toISOString(),
    );
    return id;
  }

  /**
   * What a browser needs to show a passkey: any of this site's to sign in, or one of somebody's own to prove it is still
   * them.
   * @throws LimenError `passkey-elsewhere`, `passkey-no-address`; `passkey-none` when this holder has none here
   */
  async request(request: { origin: string; proof?: { holder: Holder; session: string } }): Promise<string> {
    const party = partyOf(request.origin, this.#deps.site);
    const { proof } = request;
    const own = proof && this.#of(proof.holder).filter(({ rp }) => rp === party.rp);
    if (own?.length === 0) throw new LimenError("passkey-none", { status: 409 });
    const { generateAuthenticationOptions } = await webauthn();
    const options = await generateAuthenticationOptions({
      rpID: party.rp,
      userVerification: "required",
      challenge: this.#challenges.issue(proof ? `prove ${bound(proof.session)}` : "open"),
      ...(own ? { allowCredentials: own.map(descriptor) } : {}),
    });
    return JSON.stringify(options);
  }

  /**
   * Whose passkey answered.
   * @param proof only this holder's, for this session; absent: anybody's, to sign in
   * @throws LimenError `passkey-late`, `passkey-failed`; `passkey-copied` when its counter went back (WebAuthn 7.2, 22)
   */
  async check(
    text: string,
    proof?: { holder: Holder; session: string },
  ): Promise<{ holder: Holder; passkey: string }> {
    const { db, clock } = this.#deps;
    const response = read<AuthenticationResponseJSON>(text);
    const party = this.#partyIn(response.response?.clientDataJSON);
    const row = db
      .prepare("SELECT * FROM passkey WHERE credential = ? AND rp = ?")
      .get(Buffer.from(String(response.id), "base64url"), party.rp) as Row | undefined;
    const purpose = proof ? `prove ${bound(proof.session)}` : "open";
    const holder = row && holderOf(row);
    if (!row || !holder || (proof && key(holder) !== key(proof.holder)))
      throw new LimenError("passkey-failed", { status: 401 });
    const { verifyAuthenticationResponse } = await webauthn();
    const { verified, authenticationInfo } = await this.#judged(purpose, 401, (expectedChallenge) =>
      verifyAuthenticationResponse({
        response,
        expectedChallenge,
        expectedOrigin: party.origin,
        expectedRPID: party.rp,
        requireUserVerification: true,
        // counted below, once the signature is known to be good: a stranger's number accuses nobody
        credential: { id: response.id, publicKey: row.public_key, counter: 0 },
      }),
    );
    const handle = Buffer.from(response.response.userHandle ?? "", "base64url");
    const knows = proof !== undefined && handle.length === 0; // named ones need not say whose they are
    if (!verified || !(knows || handle.equals(this.#handleOf(holder))))
      throw new LimenError("passkey-failed", { status: 401 });
    const { newCounter } = authenticationInfo;
    if ((newCounter > 0 || row.counter > 0) && newCounter <= row.counter)
      throw new LimenError("passkey-copied", { status: 401, params: { passkey: row.id } });
    db.prepare("UPDATE passkey SET counter = ?, used = ?, synced = ? WHERE id = ?").run(
      newCounter,
      clock.now().toISOString(),
      authenticationInfo.credentialBackedUp ? 1 : 0,
      row.id,
    );
    return { holder, passkey: row.id };
  }

  /** Somebody's passkeys, oldest first. */
  list(holder: Holder): PasskeyView[] {
    return this.#of(holder).map(({ id, label, since, used, synced }) => ({
      id,
      label,
      since,
      synced: synced === 1,
      ...(used === null ? {} : { used }),
    }));
  }

  /** @throws LimenError `passkey-unknown`: there is none, or it is somebody else's */
  rename(holder: Holder, id: string, label: string): void {
    this.#own(holder, id);
    this.#deps.db.prepare("UPDATE passkey SET label = ? WHERE id = ?").run(label, id);
  }

  /** @throws LimenError `passkey-unknown` */
  remove(holder: Holder, id: string): void {
    this.#own(holder, id);
    this.#deps.db.prepare("DELETE FROM passkey WHERE id = ?").run(id);
  }

  /** Forgets all of somebody's: a lost phone, a reset account. @returns how many there were */
  forget(holder: Holder): number {
    const [column, value] = columnOf(holder);
    return Number(this.#deps.db.prepare(`DELETE FROM passkey WHERE ${column} = ?`).run(value).changes);
  }

  #of(holder: Holder): Row[] {
    const [column, value] = columnOf(holder);
    return this.#deps.db
      .prepare(`SELECT * FROM passkey WHERE ${column} = ? ORDER BY since, id`)
      .all(value) as unknown as Row[];
  }

  #own(holder: Holder, id: string): void {
    if (!this.#of(holder).some((row) => row.id === id))
      throw new LimenError("passkey-unknown", { field: "/id", status: 404 });
  }

  /** By what an authenticator knows somebody: says nothing to whoever lacks the site's secret. */
  #handleOf(holder: Holder): Buffer {
    return createHmac("sha256", this.#deps.secret)
      .update(`limen passkey user v1 ${key(holder)}`)
      .digest();
  }

  /** The party by the origin the browser signed: a page of any other origin is refused. */
  #partyIn(clientData: unknown): Party {
    const { origin } = read<{ origin?: unknown }>(
      Buffer.from(typeof clientData === "string" ? clientData : "", "base64url").toString("utf8"),
    );
    return partyOf(String(origin), this.#deps.site);
  }

  /** Runs the library's judgement; whatever it throws about becomes one refusal that gives nothing away. */
  async #judged<T>(
    purpose: string,
    status: number,
    judge: (expected: (challenge: string) => boolean) => Promise<T>,
  ): Promise<T> {
    let late = false;
    try {
      return await judge((challenge) => {
        const good = this.#challenges.use(challenge, purpose);
        late = !good;
        return good;
      });
    } catch (cause) {
      throw new LimenError(late ? "passkey-late" : "passkey-failed", { status, cause });
    }
  }
}

const holderOf = ({ staff, person }: Row): Holder => (staff === null ? { person: person! } : { staff });

const columnOf = (holder: Holder): ["staff" | "person", string] =>
  "staff" in holder ? ["staff", holder.staff] : ["person", holder.person];

const key = (holder: Holder): string => columnOf(holder).join(" ");

const bound = (session: string): string => createHash("sha256").update(session).digest("base64url");

const descriptor = ({ credential, transports }: Row) => ({
  id: Buffer.from(credential).toString("base64url"),
  transports: transports.split(" ").filter(Boolean) as AuthenticatorTransport[],
});

/** @throws LimenError `passkey-failed` for what is no JSON object */
function read<T extends object>(text: string): Partial<T> & T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null) throw new LimenError("passkey-failed", { status: 400 });
  return value as T;
}
