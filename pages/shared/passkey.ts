import { ask, keepSession, Problem, type Session } from "./api.ts";
import { t } from "./words.ts";

/** The part of `@simplewebauthn/browser` used here: it evens out what browsers do differently. */
interface Browser {
  startRegistration(of: { optionsJSON: unknown }): Promise<unknown>;
  startAuthentication(of: { optionsJSON: unknown }): Promise<unknown>;
}
const browser = async (): Promise<Browser> =>
  (await import("../vendor/passkeys/index.js" as string)) as Browser;

/**
 * Why there can be no passkeys at this address, as a sentence that says what to do; undefined: there can.
 * Browsers give them to https and to `localhost` alone, and never to an address made of numbers.
 */
export function noPasskeysHere(): string | undefined {
  const numbers = /^[\d.]+$|:/.test(location.hostname.replace(/^\[|\]$/g, ""));
  const loopback = /^(127\.|\[?::1)/.test(location.hostname);
  if (loopback)
    return t("shared.passkey-local", { address: `${location.protocol}//localhost:${location.port || "80"}` });
  if (!isSecureContext || numbers) return t("shared.passkey-insecure");
  if (!("PublicKeyCredential" in globalThis)) return t("shared.passkey-old");
  return undefined;
}

/** Signs in whoever the browser has a passkey of. @throws Problem */
export async function signInByPasskey(): Promise<Session> {
  const response = await answer("/session/passkey/challenge");
  return keepSession(await ask("POST", "/session/passkey", { response }));
}

/** Proves by passkey that it is still the same person. @throws Problem */
export const proofByPasskey = (): Promise<string> => answer("/session/proof/challenge");

/**
 * Makes a passkey on this device for whoever is signed in.
 * @param name shown by the device; kept here for staff only
 * @throws Problem
 */
export async function makePasskey(name: string): Promise<void> {
  const { options } = await ask<{ options: string }>("POST", "/session/passkeys/challenge", { name });
  const made = await asked(async () =>
    (await browser()).startRegistration({ optionsJSON: JSON.parse(options) as unknown }),
  );
  await ask("POST", "/session/passkeys", { response: JSON.stringify(made), label: name });
}

async function answer(challenge: string): Promise<string> {
  const { options } = await ask<{ options: string }>("POST", challenge);
  return JSON.stringify(
    await asked(async () =>
      (await browser()).startAuthentication({ optionsJSON: JSON.parse(options) as unknown }),
    ),
  );
}

/** What the browser throws, in words: most of all, that somebody thought better of it. */
async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem) throw error;
    const name = (error as Error).name;
    const key = name === "InvalidStateError" ? "shared.passkey-have" : "shared.passkey-cancelled";
    throw new Problem({ title: t(key), code: "passkey-cancelled", status: 0 });
  }
}
