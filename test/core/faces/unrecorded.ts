import type { StoredFace } from "../../../core/faces/templates.ts";

/** For tests of templates alone: stores one that nobody puts on record. */
export const unrecorded = ({ store }: StoredFace): void => store();
