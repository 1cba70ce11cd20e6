import { LimenError } from "../../core/errors.ts";
import type { Actor } from "../handlers.ts";
import type { Services } from "../services.ts";

/** Pictures one enrolment takes, and how long it waits for them, ms. */
const wanted = 6;
const patience = 5000;

/**
 * A few pictures of the person before a camera, for an enrolment: in memory, the caller overwrites them.
 * Only the desk may ask, and only at a door this person's live consent covers: nobody else's pictures are taken.
 * @throws LimenError `not-allowed`, `unknown-camera`, `no-consent`, `camera-silent`
 */
export async function capture(
  { cameras, consents, site }: Services,
  actor: Actor,
  person: string,
  id: string,
): Promise<Buffer[]> {
  if (actor.role === "resident") throw new LimenError("not-allowed", { status: 403 });
  const camera = site.cameras.find((known) => known.id === id);
  if (!camera) throw new LimenError("unknown-camera", { field: "/camera", status: 404 });
  if (consents.check(person, "face", camera.door) !== undefined) {
    throw new LimenError("no-consent", { field: "/person", status: 409 });
  }
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), patience);
  const pictures: Buffer[] = [];
  try {
    for await (const { jpeg } of cameras.frames(id, end.signal)) {
      pictures.push(Buffer.from(jpeg));
      if (pictures.length === wanted) break;
    }
  } catch (error) {
    if (!end.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    end.abort(); // the camera stops with the session
  }
  if (pictures.length === 0) throw new LimenError("camera-silent", { field: "/camera", status: 503 });
  return pictures;
}
