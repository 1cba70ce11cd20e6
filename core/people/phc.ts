import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { LimenError } from "../errors.ts";

/** OWASP's minimum for argon2id: 19 MiB, two passes, one lane. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 } as const;
/** 19 MiB each, and the thread pool serves the disk as well: no more than two at a time. */
const atOnce = 2;
const mostWaiting = 64;

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running < atOnce) running += 1;
  else {
    if (waiting.length >= mostWaiting)
      throw new LimenError("try-later", { status: 429, params: { seconds: 5 } });
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift(); // hands its turn over, or gives it up
    if (next) next();
    else running -= 1;
  }
}

const derive = (parameters: Argon2Parameters): Promise<Buffer> =>
  inTurn(
    () =>
      new Promise((resolve, reject) => {
        argon2("argon2id", parameters, (error, key) => (error ? reject(error) : resolve(key)));
      }),
  );

const b64 = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");

/** argon2id of a secret as a PHC string `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, about 30 ms off the calling thread. */
export async function hashSecret(secret: string): Promise<string> {
  const nonce = randomBytes(16);
  const key = await derive({ message: secret.normalize("NFKC"), nonce, tagLength: 32, ...cost });
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${b64(nonce)}$${b64(key)}`;
}

const shape =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** Is this the secret? A damaged string is nobody's. */
export async function verifySecret(secret: string, phc: string): Promise<boolean> {
  const [, m, t, p, salt, hash] = shape.exec(phc) ?? [];
  if (!salt || !hash) return false;
  const expected = Buffer.from(hash, "base64");
  const key = await derive({
    message: secret.normalize("NFKC"),
    nonce: Buffer.from(salt, "base64"),
    tagLength: expected.length,
    memory: Number(m),
    passes: Number(t),
    parallelism: Number(p),
  });
  return timingSafeEqual(key, expected);
}

/** Was it made at a lower cost than today's? Then it is made anew at the next sign-in. */
export const outdated = (phc: string): boolean =>
  !phc.startsWith(`$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$`);

let dummy: Promise<string> | undefined;

/** Takes as long as a check that fails, so that the time does not say whether there was anything to check. */
export async function verifyNothing(secret: string): Promise<false> {
  dummy ??= hashSecret(b64(randomBytes(16)));
  await verifySecret(secret, await dummy);
  return false;
}
