import type { KeyRing, SubjectKeys } from "./types.ts";

/** The keys of people, wrapped in the ring's table. */
export function openSubjectKeys(ring: KeyRing): SubjectKeys {
  return ring.keys("subject");
}
