const on = new Set([
  "1",
  "on",
  "true",
  "open",
  "opened",
  "pressed",
  "alarm",
  "active",
  "yes",
  "high",
  "online",
]);
const off = new Set([
  "0",
  "off",
  "false",
  "closed",
  "shut",
  "released",
  "ok",
  "inactive",
  "no",
  "low",
  "offline",
]);

/**
 * A contact's or input's level as devices send it: 0 and 1, true and false, on and off, open and closed. `open` and
 * `online` are on.
 * @returns undefined for what is neither: an unreadable input is not a quiet one
 */
export function levelOf(payload: unknown): boolean | undefined {
  if (typeof payload === "boolean") return payload;
  if (payload === 0 || payload === 1) return payload === 1;
  const text = payload instanceof Uint8Array ? Buffer.from(payload).toString("latin1") : payload;
  if (typeof text !== "string" || text.length > 16) return undefined;
  const word = text.trim().toLowerCase();
  if (on.has(word)) return true;
  return off.has(word) ? false : undefined;
}
