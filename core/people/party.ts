import { LimenError } from "../errors.ts";

/** The side of a passkey that is this box: the host name it is bound to, and the one origin that may speak for it. */
export interface Party {
  rp: string;
  origin: string;
}

/** Browsers give no passkeys to an address made of numbers (WebAuthn 5.1.2: the effective domain is a domain). */
const loopback = (host: string): boolean => host === "localhost" || host.endsWith(".localhost");

/**
 * Which party a page of this origin may act for.
 * @param site the addresses the installer named (`LIMEN_URL`); none: only `localhost`, the box itself
 * @throws LimenError `passkey-elsewhere` with the address to use, `passkey-no-address` where none was named
 */
export function partyOf(origin: string, site: readonly string[]): Party {
  const url = URL.parse(origin);
  const named = site.find((one) => one === url?.origin);
  if (url && named !== undefined) return { rp: url.hostname, origin: named };
  if (site.length > 0)
    throw new LimenError("passkey-elsewhere", { status: 409, params: { address: site[0]! } });
  if (url && loopback(url.hostname)) return { rp: url.hostname, origin: url.origin };
  throw new LimenError("passkey-no-address", {
    status: 409,
    params: { address: `http://localhost${url?.port ? `:${url.port}` : ""}` },
  });
}

/**
 * `LIMEN_URL`: one address or several with commas between, each with https (http for `localhost` alone).
 * @throws Error naming what is wrong with one
 */
export function addressesOf(text: string | undefined): string[] {
  return (text ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "")
    .map((one) => {
      const url = URL.parse(one);
      const local = url?.hostname === "localhost";
      if (!url || !(url.protocol === "https:" || (local && url.protocol === "http:")) || url.pathname !== "/")
        throw new Error("LIMEN_URL must be like https://doors.example.org, without a path");
      return url.origin;
    });
}
