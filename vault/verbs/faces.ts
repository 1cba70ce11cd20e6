import { LimenError } from "../../core/errors.ts";
import type { EmbedderIdentity } from "../../core/faces/types.ts";
import type { Call, Handlers } from "../handlers.ts";
import type { Answer, Request } from "../protocol/index.ts";
import type { Services } from "../services.ts";
import { capture } from "./capture.ts";
import { requireOwn } from "./consents.ts";

/** Enrolling and removing a face, and renewing all of them. */
export const faceVerbs = (
  services: Services,
): Pick<Handlers, "face.enrol" | "face.remove" | "faces.renew"> => ({
  "face.enrol": (request, call) => services.rotation.enrolling(() => enrol(services, request, call)),

  "faces.renew"(_, { actor }) {
    const { faces, rotation } = services;
    return rotation.renew(faces.engine, actor.id);
  },

  "face.remove"({ person }, { actor }) {
    requireOwn(actor, person);
    return { erasure: services.removal.face(person) };
  },
});

async function enrol(
  services: Services,
  { person, camera }: Request<"face.enrol">,
  { actor, blobs: sent }: Call,
): Promise<Answer<"face.enrol">> {
  const { faces, recordChange, removal, rotation, templates } = services;
  requireOwn(actor, person);
  requireConsent(services, person);
  const taken = camera === undefined ? [] : await capture(services, actor, person, camera);
  const blobs = [...sent, ...taken];
  if (blobs.length < 1 || blobs.length > 10) throw new LimenError("frames-missing", { field: "/frames" });
  const { engine } = faces;
  const { vectors, quality, frames, used } = await engine.enrol(blobs).finally(() => {
    for (const picture of taken) picture.fill(0); // the pictures that were sent are the server's to overwrite
  });
  try {
    const needsSecondMethod = await faces.looksLikeAnother(vectors, person);
    requireConsent(services, person); // it may have been withdrawn while the pictures were looked at
    const embedder = engine.embedder as EmbedderIdentity;
    const { id, replaced } = templates.put({ person, vectors, embedder, epoch: rotation.epoch });
    for (const old of replaced) engine.gallery.drop(old);
    removal.renewed(person, replaced);
    try {
      await recordChange(
        "face-enrolled",
        { by: actor.id, template: id, model: embedder.id, quality },
        person,
      );
    } catch (error) {
      removal.face(person); // no record, no template
      throw error;
    }
    // withdrawn while the record was written: the erasure has it, and it never comes into the match set
    if (templates.of(person).includes(id)) engine.gallery.put(id, person, vectors);
    return { template: id, quality, frames, used, needsSecondMethod };
  } finally {
    for (const vector of vectors) vector.fill(0);
  }
}

/** @throws LimenError `no-consent` unless a live consent covers at least one door; `residency-ended` */
function requireConsent({ consents, persons, site }: Services, person: string): void {
  const standing = persons.standing(person);
  if (!standing) throw new LimenError("person-unknown", { field: "/person", status: 404 });
  if (!standing.resident) throw new LimenError("residency-ended", { field: "/person", status: 409 });
  if (site.doors.some(({ id }) => consents.check(person, "face", id) === undefined)) return;
  throw new LimenError("no-consent", { field: "/person", status: 409 });
}
