import { LimenError } from "../../errors.ts";
import type { Timers } from "../relays/host-timed.ts";
import type { Device } from "./device.ts";
import type { Secret } from "./handshake.ts";
import { publicKey } from "./keys.ts";
import { type Paired, Pairing } from "./pairing.ts";

export interface PairOptions {
  /** How long the operator has, seconds (10 to 600; 60). */
  seconds?: number;
  /**
   * The session the new key travels in: `public` is SCBK-D, for a device in install mode, on a bench rather than on the
   * wall, because whoever listens then can read the new key; `own` is the key it has.
   */
  under?: "public" | "own";
  /** Stores the key before the device is told, so that a power cut between the two locks nobody out. */
  keep?(key: Buffer): Promise<void>;
  signal?: AbortSignal;
}

const seconds = { least: 10, usual: 60, most: 600 };

/** @throws LimenError `osdp-unpaired` when a device has no key of its own to be given a new one under */
export function secretFor(device: Device, under: "public" | "own"): Secret {
  if (under === "public") return { slot: 0, key: publicKey };
  if (!device.key) throw new LimenError("osdp-unpaired", { status: 409 });
  return { slot: 1, key: device.key };
}

/** Runs one pairing until it is done, its time is over, or the operator gives up. */
export function runPairing(
  device: Device,
  options: Omit<PairOptions, "under" | "keep"> & { key: Buffer; under: Secret; timers: Timers },
): Promise<Paired> {
  const { key, under, timers, signal } = options;
  const time = Math.min(Math.max(options.seconds ?? seconds.usual, seconds.least), seconds.most);
  return new Promise<Paired>((resolve, reject) => {
    const pairing = new Pairing(key, under, {
      done: (paired) => {
        tidy();
        resolve(paired);
      },
      failed: (error) => {
        tidy();
        if (device.pairing === pairing) device.pairing = undefined;
        reject(error);
      },
    });
    const giveUp = (): void => pairing.end("given-up");
    const cancel = timers.after(time * 1000, () => pairing.end());
    const tidy = (): void => {
      cancel();
      signal?.removeEventListener("abort", giveUp);
    };
    device.pairing = pairing;
    signal?.addEventListener("abort", giveUp);
    if (signal?.aborted) giveUp();
  });
}
