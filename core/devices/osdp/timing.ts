/** How long things may take, ms. */
export interface Timing {
  /** A device answers within this (v2.2, 5.7), the bytes' own time on the line not counted. */
  reply: number;
  /** Between two polls of a device that is online. */
  poll: number;
  /** Between two knocks at a device that is not. */
  knock: number;
  /** Before the same bytes are said again, and again after BUSY. */
  retry: number;
  busy: number;
  /** A device is gone after `lostTries` unanswered tries, or after two of them and this long without a word. */
  lost: number;
  lostTries: number;
  /** Least time between two handshakes of a device; doubles with every failure up to the longest. */
  handshake: number;
  longestHandshake: number;
  /** A session that has held this long makes earlier failures forgotten. */
  calm: number;
  /** A session is renewed after this. */
  session: number;
  /** A device that has not been usable for this long is an alarm: somebody cannot get in. */
  outOfService: number;
  /** What could not be said to a device within this is not said any more. */
  request: number;
}

export const defaultTiming: Timing = {
  reply: 200,
  poll: 50,
  knock: 1000,
  retry: 50,
  busy: 100,
  lost: 1500,
  lostTries: 4,
  handshake: 1000,
  longestHandshake: 8000,
  calm: 30_000,
  session: 4 * 3600 * 1000,
  outOfService: 8000,
  request: 2000,
};
