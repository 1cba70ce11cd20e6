import { randomInt } from "node:crypto";
import { type Attempt, failed, mark, viewOf } from "../../core/entry/book.ts";
import type { AttemptCode } from "../../core/entry/codes.ts";
import { bandOf, isTechnical } from "../../core/faces/tally.ts";
import type { LookRequest, LookResult } from "../../core/faces/types.ts";
import type { Handler } from "../handlers.ts";
import type { Request } from "../protocol/index.ts";
import { overwriteReadBuffer } from "../scrub.ts";
import type { Services } from "../services.ts";
import type { Door } from "../site.ts";

/** Looks after a deliberate act. Every refusal before the camera opens means that no picture was taken at all. */
export const match =
  (services: Services): Handler<"match"> =>
  async (request) => {
    const { acts, book, clock, idle, site } = services;
    const door = site.door(request.door);
    site.camera(request.camera, door.id);
    site.requireDeclared(request);
    services.tally.unanswered(door.id, request.unanswered ?? 0);
    const attempt = book.beginOrGoOn(door.id, site.config.id, "face", request.attempt);
    if (failed(attempt)) return viewOf(attempt);
    const before = acts.use(request.act.id) ? mayLook(services, door, attempt, request) : "replayed";
    if (before) {
      mark(attempt, request.node, "look", before);
      if (isTechnical(before)) count(services, attempt, request, before);
      return viewOf(attempt);
    }
    const result = await look(services, door, attempt, request);
    const code = result.code === "granted" ? undefined : result.code;
    mark(attempt, request.node, "look", code, result.evidence);
    count(services, attempt, request, result.code);
    if (!code && result.person !== undefined) {
      attempt.view.person = result.person;
      idle.used(result.person);
      attempt.view.assurance ??= "clonable"; // one colour camera: a second way makes it strong
      attempt.methods.add("face");
      attempt.sensedAt = clock.monotonic();
    }
    return viewOf(attempt);
  };

/** Counts how the look ended. Whom a look that failed was at is known in 1:1 only, and only the age goes on. */
function count(
  { clock, persons, tally }: Services,
  { view: { door, person } }: Attempt,
  { settings: { mode, risk } }: Request<"match">,
  code: AttemptCode,
): void {
  const verified = mode === "1:1" && person !== undefined && persons.has(person);
  const birthDate = verified ? persons.read(person).birthDate : undefined;
  tally.looked({ door, mode, risk, code, band: bandOf(birthDate, clock.now()) });
}

/** Why there will be no look; undefined: somebody may be compared. */
function mayLook(
  { consents, faces, site }: Services,
  door: Door,
  attempt: Attempt,
  { settings }: Request<"match">,
): AttemptCode | undefined {
  const { view } = attempt;
  if (!site.faceArmed(door)) return "face-off";
  if (!faces.furnished) return "models-missing";
  if (faces.uncalibrated) return "calibration-missing";
  if (settings.mode === "1:1" && view.person !== undefined) {
    const code = consents.check(view.person, "face", door.id);
    if (code) return code;
    return faces.gallery.people().has(view.person) ? undefined : "nobody-enrolled";
  }
  const flat = settings.mode === "1:1" ? flatOf(attempt, settings) : undefined;
  if (settings.mode === "1:1" && !flat) return "no-such-credential";
  const agreed = consents.peopleAt("face", door.id);
  if (flat) for (const person of agreed) if (!flat.has(person)) agreed.delete(person);
  if (agreed.size === 0) return "no-consent"; // nobody here has agreed: the camera stays shut
  for (const person of faces.gallery.people()) if (agreed.has(person)) return undefined;
  return "nobody-enrolled";
}

/**
 * The people of the flat whose room code was typed, where the flow looks at flats; a door's own code is nobody's. Read from
 * what the vault knows of the attempt: no wire names them, and before one is recognised nothing does.
 */
function flatOf(
  { shared }: Attempt,
  { flat }: Request<"match">["settings"],
): ReadonlySet<string> | undefined {
  return flat && shared?.length ? new Set(shared) : undefined;
}

/** One look, with the list of who may be compared asked anew for every frame (RD-26). */
async function look(
  { cameras, consents, faces, persons, site }: Services,
  door: Door,
  attempt: Attempt,
  { camera, settings }: Request<"match">,
): Promise<LookResult> {
  const { view } = attempt;
  const { mode, challenge, flat: _, ...options } = settings;
  const flat = mode === "1:1" && view.person === undefined ? flatOf(attempt, settings) : undefined;
  const { zone } = site.camera(camera, door.id);
  const end = new AbortController();
  const allowed = (person: string): boolean => {
    if (flat && !flat.has(person)) return false;
    const standing = persons.standing(person);
    if (!standing?.resident || (standing.doors && !standing.doors.includes(door.id))) return false;
    return consents.check(person, "face", door.id) === undefined;
  };
  const request: LookRequest = {
    key: door.id,
    frames: cameras.frames(camera, end.signal),
    allowed,
    mode: flat ? "1:N" : mode, // a search, among the few of a flat: threshold and margin are those of a search
    settings: { ...options, maxAgeMs: cameras.maxAgeMs(camera), ...(zone ? { zone } : {}) },
    signal: end.signal,
    onHint: (hint) => cameras.hint(camera, hint),
    ...(view.person === undefined ? {} : { person: view.person }),
    ...(challenge === "turn" ? askedToTurn(cameras, camera) : {}),
    // a simulated door may well be shown the same pictures again
    ...(door.simulated ? {} : { earlier: cameras.prints(camera) }),
  };
  try {
    return await faces.engine.look(request);
  } finally {
    end.abort(); // the camera stops with the look
    void overwriteReadBuffer(); // nobody at the door waits for it
  }
}

/** The side is drawn anew for every look, and shown only once somebody was recognised. */
function askedToTurn(
  cameras: Services["cameras"],
  camera: string,
): Required<Pick<LookRequest, "challenge" | "onChallenge">> {
  const challenge = randomInt(2) === 0 ? "turn-left" : "turn-right";
  return { challenge, onChallenge: () => cameras.ask(camera, challenge) };
}
