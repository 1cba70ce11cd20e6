import { errorCode } from "../errors.ts";
import { openJson, sealJson } from "../people/sealed.ts";
import type { SealContext, WrappedKeys } from "../store/types.ts";

export interface SealDeps {
  /** `openSubjectKeys(ring)`. */
  keys: Pick<WrappedKeys, "create" | "get" | "destroy">;
  /** Fixed for the life of the data folder. */
  site: string;
}

const context = (site: string, kind: string, id: string): SealContext => ({
  kind,
  version: 1,
  site,
  subject: id,
});

/** Seals what a row says about somebody. @param holder whose key: a person's, or the row's own id */
export function sealFor(
  { keys, site }: SealDeps,
  kind: string,
  id: string,
  holder: string,
  value: unknown,
): Buffer {
  const key = keys.create(holder);
  const sealed = sealJson(key, context(site, kind, id), value);
  key.fill(0);
  return sealed;
}

/** @returns undefined once the key is gone, or is another one: a restored backup brings rows back without their keys */
export function openFor<T>(
  { keys, site }: SealDeps,
  kind: string,
  id: string,
  holder: string,
  sealed: Uint8Array | null,
): T | undefined {
  const key = sealed && keys.get(holder);
  if (!key) return undefined;
  try {
    return openJson<T>(key, context(site, kind, id), sealed);
  } catch (error) {
    if (errorCode(error) === "seal-broken") return undefined;
    throw error;
  } finally {
    key.fill(0);
  }
}
