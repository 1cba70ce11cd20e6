import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

const sha256 = (data: Buffer | string): Buffer => createHash("sha256").update(data).digest();
const b64u = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

/** CBOR heads and strings, as far as an attestation of format "none" needs them (RFC 8949 3). */
const head = (major: number, n: number): Buffer =>
  n < 24
    ? Buffer.from([(major << 5) | n])
    : n < 256
      ? Buffer.from([(major << 5) | 24, n])
      : Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
const bytes = (value: Buffer): Buffer => Buffer.concat([head(2, value.length), value]);
const text = (value: string): Buffer => Buffer.concat([head(3, value.length), Buffer.from(value)]);
const int = (n: number): Buffer => (n < 0 ? head(1, -1 - n) : head(0, n));

const userPresent = 0x01;
const userVerified = 0x04;
const attested = 0x40;

interface Lies {
  origin?: string;
  rp?: string;
  flags?: number;
  counter?: number;
  challenge?: string;
  userHandle?: Buffer | null;
  type?: string;
}

/** An authenticator in software (ES256, WebAuthn 6.5): honest, unless told what to lie about. */
export class SoftPasskey {
  readonly id = randomBytes(32);
  readonly #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  readonly origin: string;
  counter = 0;
  userHandle: Buffer = Buffer.alloc(0);

  constructor(origin: string) {
    this.origin = origin;
  }

  /** Answers registration options. @returns what a page sends back */
  create(options: string, lies: Lies = {}): string {
    const { challenge, user } = JSON.parse(options) as { challenge: string; user: { id: string } };
    this.userHandle = Buffer.from(user.id, "base64url");
    const { x, y } = this.#keys.publicKey.export({ format: "jwk" });
    const cose = Buffer.concat([
      head(5, 5),
      ...[int(1), int(2), int(3), int(-7), int(-1), int(1)],
      ...[int(-2), bytes(Buffer.from(x!, "base64url")), int(-3), bytes(Buffer.from(y!, "base64url"))],
    ]);
    const credential = Buffer.concat([Buffer.alloc(16), Buffer.from([0, this.id.length]), this.id, cose]);
    const data = Buffer.concat([this.#data(attested, lies), credential]);
    const attestation = Buffer.concat([
      head(5, 3),
      ...[text("fmt"), text("none"), text("attStmt"), head(5, 0), text("authData"), bytes(data)],
    ]);
    return this.#answer({
      clientDataJSON: b64u(this.#client("webauthn.create", challenge, lies)),
      attestationObject: b64u(attestation),
      transports: ["internal"],
    });
  }

  /** Answers request options. */
  get(options: string, lies: Lies = {}): string {
    const { challenge } = JSON.parse(options) as { challenge: string };
    this.counter += 1;
    const data = this.#data(0, lies);
    const client = this.#client("webauthn.get", challenge, lies);
    const handle = lies.userHandle === undefined ? this.userHandle : lies.userHandle;
    return this.#answer({
      clientDataJSON: b64u(client),
      authenticatorData: b64u(data),
      signature: b64u(sign("sha256", Buffer.concat([data, sha256(client)]), this.#keys.privateKey)),
      ...(handle === null ? {} : { userHandle: b64u(handle) }),
    });
  }

  #data(flags: number, lies: Lies): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(lies.counter ?? this.counter);
    const said = lies.flags ?? userPresent | userVerified;
    return Buffer.concat([
      sha256(lies.rp ?? new URL(this.origin).hostname),
      Buffer.from([said | flags]),
      counter,
    ]);
  }

  #client(type: string, challenge: string, lies: Lies): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: lies.type ?? type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? this.origin,
        crossOrigin: false,
      }),
    );
  }

  #answer(response: object): string {
    const id = b64u(this.id);
    return JSON.stringify({ id, rawId: id, type: "public-key", clientExtensionResults: {}, response });
  }
}
