import { createHash, createHmac } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  RegistrationResponseJSON,
} from "@simplewebauthn/server";
import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import { Challenges } from "./challenges.ts";
import { type Party, partyOf } from "./party.ts";
import { type Holder, holderKey, holderOf, PasskeyBook, type PasskeyRow } from "./passkey-book.ts";

export interface PasskeysDeps {
  /** `people.db`, opened with `peopleMigrations`. */
  db: DatabaseSync;
  clock: Clock;
  /** 32 bytes that stay: from them come the handles by which authenticators know their users. */
  secret: Buffer;
  /** Addresses people type (`LIMEN_URL`); none: passkeys only on the box itself. */
  site: readonly string[];
}

/** Somebody proving anew who they are, in this session. */
export interface Proof {
  holder: Holder;
  session: string;
}

/** Ed25519, ES256, RS256 (COSE): what authenticators of today have. */
const algorithms = [-8, -7, -257] as const;

/** Loaded when the first passkey is used: a site without any does not carry it. */
const webauthn = () => import("@simplewebauthn/server");

/**
 * Passkeys (WebAuthn Level 3): discoverable, user verification required, no attestation asked (nobody's device is
 * told apart by maker). Options and answers are the JSON texts of WebAuthn 5.1.8 to 5.1.10.
 */
export class Passkeys {
  readonly book: PasskeyBook;
  readonly #deps: PasskeysDeps;
  readonly #challenges: Challenges;

  constructor(deps: PasskeysDeps) {
    this.book = new PasskeyBook(deps.db, deps.clock);
    this.#deps = deps;
    this.#challenges = new Challenges(deps.clock);
  }

  /**
   * What a browser needs to make a passkey.
   * @param request.name shown by the authenticator beside the passkey; for residents not kept here
   * @param request.session binds the challenge: only this session may bring the answer
   * @throws LimenError `passkey-elsewhere`, `passkey-no-address`, `passkeys-enough`
   */
  async registration(request: Proof & { name: string; origin: string }): Promise<string> {
    const { holder, name, session, origin } = request;
    const party = partyOf(origin, this.#deps.site);
    this.book.requireRoom(holder);
    const { generateRegistrationOptions } = await webauthn();
    const options = await generateRegistrationOptions({
      rpName: "Limen",
      rpID: party.rp,
      userName: name,
      userID: new Uint8Array(this.#handleOf(holder)),
      challenge: this.#challenges.issue(purposeOf("register", session)),
      attestationType: "none",
      supportedAlgorithmIDs: [...algorithms],
      excludeCredentials: this.#heldAt(party, holder).map(descriptor),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
    return JSON.stringify(options);
  }

  /**
   * Keeps a passkey that a browser made. @returns its id
   * @throws LimenError `passkey-late` (challenge over, used or another's), `passkey-failed`, `passkeys-enough`
   */
  async register(
    request: Proof & { label: string; response: string; doorsFrom?: string | undefined },
  ): Promise<string> {
    const { holder, label, session, doorsFrom } = request;
    const response = read<RegistrationResponseJSON>(request.response);
    const party = this.#partyIn(response.response?.clientDataJSON);
    const { verifyRegistrationResponse } = await webauthn();
    const { registrationInfo } = await this.#judged(
      purposeOf("register", session),
      400,
      (expectedChallenge) =>
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
    const { credential, credentialBackedUp } = registrationInfo;
    return this.book.add(holder, {
      credential: Buffer.from(credential.id, "base64url"),
      publicKey: credential.publicKey,
      counter: credential.counter,
      rp: party.rp,
      transports: credential.transports ?? [],
      label,
      synced: credentialBackedUp,
      doorsFrom,
    });
  }

  /**
   * What a browser needs to show a passkey: any of this site's to sign in, or one of somebody's own to prove it is still
   * them.
   * @throws LimenError `passkey-elsewhere`, `passkey-no-address`; `passkey-none` when this holder has none here
   */
  async request({ origin, proof }: { origin: string; proof?: Proof }): Promise<string> {
    const party = partyOf(origin, this.#deps.site);
    const own = proof && this.#heldAt(party, proof.holder);
    if (own?.length === 0) throw new LimenError("passkey-none", { status: 409 });
    const { generateAuthenticationOptions } = await webauthn();
    const options = await generateAuthenticationOptions({
      rpID: party.rp,
      userVerification: "required",
      challenge: this.#challenges.issue(proof ? purposeOf("prove", proof.session) : "open"),
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
    proof?: Proof,
  ): Promise<{ holder: Holder; passkey: string; doorsFrom: number | null }> {
    const response = read<AuthenticationResponseJSON>(text);
    const party = this.#partyIn(response.response?.clientDataJSON);
    const row = this.book.find(Buffer.from(String(response.id), "base64url"), party.rp);
    const holder = row && holderOf(row);
    if (!row || !holder || (proof && holderKey(holder) !== holderKey(proof.holder)))
      throw new LimenError("passkey-failed", { status: 401 });
    const { verifyAuthenticationResponse } = await webauthn();
    const purpose = proof ? purposeOf("prove", proof.session) : "open";
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
    const unsaid = proof !== undefined && handle.length === 0; // one that was named need not say whose it is
    if (!verified || !(unsaid || handle.equals(this.#handleOf(holder))))
      throw new LimenError("passkey-failed", { status: 401 });
    const { newCounter, credentialBackedUp } = authenticationInfo;
    if ((newCounter > 0 || row.counter > 0) && newCounter <= row.counter)
      throw new LimenError("passkey-copied", { status: 401, params: { passkey: row.id } });
    this.book.used(row.id, newCounter, credentialBackedUp);
    return { holder, passkey: row.id, doorsFrom: row.doors_from };
  }

  #heldAt(party: Party, holder: Holder): PasskeyRow[] {
    return this.book.of(holder).filter(({ rp }) => rp === party.rp);
  }

  /** By what an authenticator knows somebody: says nothing to whoever lacks the site's secret. */
  #handleOf(holder: Holder): Buffer {
    return createHmac("sha256", this.#deps.secret)
      .update(`limen passkey user v1 ${holderKey(holder)}`)
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

/** What a challenge is for, and in which session: never the session's secret itself. */
const purposeOf = (what: "register" | "prove", session: string): string =>
  `${what} ${createHash("sha256").update(session).digest("base64url")}`;

const descriptor = ({ credential, transports }: PasskeyRow) => ({
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
