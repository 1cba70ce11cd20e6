/** What a device at a door may tell: its readers, its inputs, itself. */
const told = new Set([
  "reader",
  "keypad",
  "qr",
  "contact",
  "exit",
  "fire",
  "tamper",
  "button",
  "camera",
  "status",
  "relay/state",
]);
const alive = /^alive\/[a-z0-9][a-z0-9-]{0,47}$/;
/** Facts that may outlive the moment they were said; anything retained elsewhere would be an act without an actor. */
const mayStay = new Set(["status", "relay/state", "contact", "fire", "tamper"]);
const command = /^limen\/[^/]+\/relay\/set$/;
const door = /^limen\/([a-z0-9][a-z0-9-]{0,47})\/(.+)$/;
/** A device hears what its relay should do and what to show: of one door each, by name. */
const heard = /^limen\/[a-z0-9][a-z0-9-]{0,47}\/(relay\/(#|\+|set|state)|feedback)$/;

/** Largest payloads, bytes: a picture, and everything else. */
export const largestPicture = 3 << 20;
export const largestWord = 1024;

export interface Said {
  topic: string;
  retain: boolean;
  /** Payload length, bytes. */
  size: number;
}

/** May this be published? `own`: Limen's own connection, which alone may move a relay. */
export function mayPublish({ topic, retain, size }: Said, own: boolean): boolean {
  const what = door.exec(topic)?.[2];
  if (size > (what === "camera" ? largestPicture : largestWord)) return false;
  // an open command that waits in a broker would open a door for nobody (and for anybody)
  if (command.test(topic)) return own && !retain;
  if (retain && (what === undefined || !mayStay.has(what))) return false;
  return own || (what !== undefined && (told.has(what) || alive.test(what)));
}

/** May this filter be subscribed to? Devices never hear other readers or cameras. */
export const maySubscribe = (filter: string, own: boolean): boolean => own || heard.test(filter);
