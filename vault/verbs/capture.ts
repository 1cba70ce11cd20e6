import { setTimeout as pause } from "node:timers/promises";
import { LimenError } from "../../core/errors.ts";
import type { Zone } from "../../core/faces/types.ts";
import type { Actor } from "../handlers.ts";
import type { Services } from "../services.ts";

/** Pictures one enrolment takes, the least time between two (2 s for all: a face moves a little), and its patience, ms. */
const wanted = 6;
const apartMs = 400;
const patience = 6000; // less than a call to the vault may last, with time to look at them

/** Pictures of one enrolment, and the part of them a face has to be in. The caller overwrites them. */
export interface Captured {
  pictures: Buffer[];
  zone?: Zone;
}

/**
 * A few different pictures of the person before a camera, spread over two seconds, for an enrolment: in memory only.
 * Only the desk may ask, and only at a door this person's live consent covers: nobody else's pictures are taken.
 * @throws LimenError `not-allowed`, `unknown-camera`, `no-consent`, `camera-silent`, `camera-frozen` when it gives the same
 *   picture again and again, `face-busy` while somebody is being looked at there
 */
export async function capture(
  { cameras, consents, site }: Services,
  actor: Actor,
  person: string,
  id: string,
): Promise<Captured> {
  if (actor.role === "resident") throw new LimenError("not-allowed", { status: 403 });
  const camera = site.cameras.find((known) => known.id === id);
  if (!camera) throw new LimenError("unknown-camera", { field: "/camera", status: 404 });
  if (consents.check(person, "face", camera.door) !== undefined) {
    throw new LimenError("no-consent", { field: "/person", status: 409 });
  }
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), patience);
  const pictures: Buffer[] = [];
  let repeated = 0;
  let done = false;
  try {
    for await (const { jpeg } of cameras.frames(id, end.signal, "enrolment")) {
      if (pictures.at(-1)?.equals(jpeg)) {
        jpeg.fill(0);
        repeated++;
        continue;
      }
      pictures.push(jpeg);
      if (pictures.length === wanted) break;
      await pause(apartMs, undefined, { signal: end.signal }).catch(() => undefined);
    }
    if (pictures.length === 0) throw new LimenError("camera-silent", { field: "/camera", status: 503 });
    if (pictures.length === 1 && repeated > 0)
      throw new LimenError("camera-frozen", { field: "/camera", status: 503 });
    done = true;
    return { pictures, ...(camera.zone ? { zone: camera.zone } : {}) };
  } finally {
    clearTimeout(timer);
    end.abort(); // the camera stops with the session
    if (!done) for (const picture of pictures) picture.fill(0);
  }
}
