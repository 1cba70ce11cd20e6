import { errorCode, LimenError } from "../../core/errors.ts";
import { isOutOfDate } from "../../core/faces/models.ts";
import { bandOf, isTechnical } from "../../core/faces/tally.ts";
import { type EmbedderIdentity, type Enrolment, type FaceEngine, mendable } from "../../core/faces/types.ts";
import { lowestThreshold } from "../alike.ts";
import type { Actor, Call, Handlers } from "../handlers.ts";
import type { Answer, Request } from "../protocol/index.ts";
import { overwriteReadBuffer } from "../scrub.ts";
import type { Services } from "../services.ts";
import { capture } from "./capture.ts";
import { requireOwn } from "./looks.ts";

/** Enrolling and removing a face, and renewing all of them. */
export const faceVerbs = (
  services: Services,
): Pick<Handlers, "face.enrol" | "face.framing" | "face.remove" | "faces.renew"> => ({
  "face.enrol": (request, call) =>
    services.rotation.enrolling(() =>
      counted(services, request.person, () => enrol(services, request, call)),
    ),

  async "face.framing"({ person }, { actor, blobs: [frame, ...more] }) {
    requireOwn(actor, person);
    requireConsent(services, person);
    if (!frame || more.length > 0) throw new LimenError("frames-missing", { field: "/frames" });
    const { code } = await services.faces.engine.analyse(frame);
    void overwriteReadBuffer();
    const hint = mendable(code);
    return hint === undefined ? {} : { hint };
  },

  "faces.renew"(_, { actor }) {
    const { faces, rotation } = services;
    return rotation.renew(faces.engine, actor.id);
  },

  "face.remove"({ person }, { actor }) {
    requireOwn(actor, person);
    return { erasure: services.removal.face(person) };
  },
});

/** Codes of a failure to enrol (ISO/IEC 19795-1): pictures that would not do, not a desk that may not. */
const poorPictures = new Set<string>([
  "too-few-frames",
  "faces-differ",
  "no-face",
  "two-faces",
  "face-too-small",
  "face-blurred",
  "face-turned",
  "face-too-dark",
  "face-too-bright",
  "not-live",
]);

/** Counts whether somebody could be enrolled, by age where it was stated; never who. */
async function counted<T>(
  { clock, persons, tally }: Services,
  person: string,
  work: () => Promise<T>,
): Promise<T> {
  const end = (code?: string) => {
    const birthDate = persons.has(person) ? persons.read(person).birthDate : undefined;
    tally.enrolled(code, bandOf(birthDate, clock.now()));
  };
  try {
    const done = await work();
    end();
    return done;
  } catch (error) {
    const code = errorCode(error);
    if (poorPictures.has(code) || isTechnical(code)) end(code);
    throw error;
  }
}

/** @throws LimenError `models-out-of-date`: those enrolled before go on, nobody new is */
function requireCurrent({ clock, faces }: Services): void {
  const old = faces.models.filter((model) => isOutOfDate(model, clock.now())).map(({ id }) => id);
  if (old.length === 0) return;
  throw new LimenError("models-out-of-date", { status: 409, params: { models: old.join(", ") } });
}

async function enrol(
  services: Services,
  { person, camera }: Request<"face.enrol">,
  { actor, blobs: sent }: Call,
): Promise<Answer<"face.enrol">> {
  const { faces } = services;
  requireOwn(actor, person);
  requireConsent(services, person);
  requireCurrent(services);
  const { engine } = faces;
  const found = await described(services, { person, camera, sent, actor });
  try {
    return await faces.joining(() => join(services, engine, { person, by: actor.id, ...found }));
  } finally {
    for (const vector of found.vectors) vector.fill(0);
  }
}

/** Puts a new face among the others, and notes on both sides how near it is to each: neither of two who are alike opens alone. */
async function join(
  services: Services,
  engine: FaceEngine,
  { person, by, vectors, quality, frames, used }: Enrolment & { person: string; by: string },
): Promise<Answer<"face.enrol">> {
  const { clock, removal, rotation, templates } = services;
  const near = await engine.gallery.nearness(vectors, person);
  requireConsent(services, person); // it may have been withdrawn while the pictures were looked at
  const embedder = engine.embedder as EmbedderIdentity;
  const at = clock.now();
  const face = { person, vectors, embedder, epoch: rotation.epoch, near };
  const { id, replaced } = templates.put(face, ({ id, replaced, store }) => {
    const what = { what: "face-enrolled", by, template: id, model: embedder.id, quality };
    const fields = { at: at.toISOString(), ...what };
    removal.enrolled(person, { class: "configuration", at, fields, subject: person }, replaced, store);
  });
  for (const old of replaced) engine.gallery.drop(old);
  engine.gallery.put(id, person, vectors);
  const lowest = lowestThreshold(services);
  const needsSecondMethod = lowest !== undefined && templates.nearest(person) >= lowest;
  return { template: id, quality, frames, used, needsSecondMethod };
}

/**
 * Vectors of the pictures that were sent, or that a camera here takes. A camera is shown a person, and so is the page of a
 * resident at home: those pictures have to be of somebody living, or anybody's photograph would do. What staff send
 * are photographs by nature: whose they are is what staff see to.
 */
async function described(
  services: Services,
  {
    person,
    camera,
    sent,
    actor,
  }: { person: string; camera: string | undefined; sent: Buffer[]; actor: Actor },
): Promise<Enrolment> {
  const { engine } = services.faces;
  try {
    if (camera === undefined) {
      if (sent.length < 1 || sent.length > 10) throw new LimenError("frames-missing", { field: "/frames" });
      return await engine.enrol(sent, { living: actor.role === "resident" });
    }
    if (sent.length > 0) throw new LimenError("frames-missing", { field: "/frames" });
    const { pictures, zone } = await capture(services, actor, person, camera);
    return await engine.enrol(pictures, { living: true, scene: true, ...(zone ? { zone } : {}) });
  } finally {
    void overwriteReadBuffer(); // the pictures themselves are overwritten by whoever looked at them
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
