import { EventEmitter } from "node:events";

/** Tells that what stands against the running flow may be something else now: the vault has to hear it. */
export const flowWatch = new EventEmitter<{ changed: [] }>();
