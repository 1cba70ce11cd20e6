import { randomBytes } from "node:crypto";
import { chipKind } from "../../core/devices/cards/chip-kind.ts";
import { personaliseDesfire, selectOurs } from "../../core/devices/cards/desfire.ts";
import { select } from "../../core/devices/cards/ntag424/chip.ts";
import { authenticate } from "../../core/devices/cards/ntag424/ev2.ts";
import { personalise } from "../../core/devices/cards/ntag424/personalise.ts";
import type { Talk } from "../../core/devices/cards/ntag424/talk.ts";
import { LimenError } from "../../core/errors.ts";
import type { ChipOrder, StrongCards } from "../../core/people/index.ts";
import type { Waiting } from "../chip-desk.ts";
import type { Ended, Step } from "../dialogues.ts";
import type { Handlers } from "../handlers.ts";
import type { Answer, Request } from "../protocol/index.ts";
import type { Services } from "../services.ts";
import { senseCard } from "./identify.ts";
import { requireDoors } from "./people.ts";

type Begin = Request<"chip.begin">;
type Chip = Answer<"chip.begin">;

/** How long a desk waits for a card: writing one has to fit into the same call. */
const patienceMs = 7000;

/** Cards that are talked with: proved at a door, written at the desk. */
export const chipVerbs = (
  services: Services,
): Pick<Handlers, "chip.begin" | "chip.answer" | "chip.drop" | "credential.chip"> => ({
  async "chip.begin"(request) {
    const { credentials, chipDesk, strongCards, taps } = services;
    const { id: door } = services.site.door(request.door);
    const card = {
      format: "uid",
      notation: "UID",
      number: request.uid,
      bits: request.uid.length * 4,
    } as const;
    const found = credentials.findCard({ hex: card.number, bits: card.bits });
    const inUse = !("code" in found) || found.code === "assurance-too-low";
    const waiting = inUse ? undefined : chipDesk.take(door);
    if (waiting) return await write(services, request, waiting);
    if (request.place === "desk") {
      if (!inUse) taps.seen(door, card);
      return {};
    }
    if (request.talks && strongCards.has(request.uid)) return await prove(services, request);
    if ("code" in found && found.code === "no-such-credential") taps.seen(door, card);
    return { attempt: senseCard(services, request, found) };
  },

  async "chip.answer"({ dialogue, answer }) {
    return stepOf((await services.dialogues.answer(dialogue, Buffer.from(answer, "hex"))) as Step<Chip>);
  },

  "chip.drop"({ dialogue }) {
    services.dialogues.drop(dialogue);
    return {};
  },

  async "credential.chip"({ person, door, doors, validUntil, sun, byNumber }, { actor }) {
    const { chipDesk, credentials, persons, recordChange, site } = services;
    site.door(door);
    requireDoors(site, doors);
    const standing = persons.standing(person); // before anybody walks to a reader
    if (!standing) throw new LimenError("person-unknown", { field: "/person", status: 404 });
    if (!standing.resident) throw new LimenError("residency-ended", { field: "/person", status: 409 });
    const order = {
      person,
      sun,
      byNumber,
      by: actor,
      ...(doors && { doors }),
      ...(validUntil !== undefined && { validUntil }),
    };
    const { id, assurance } = await chipDesk.wait(door, order, patienceMs);
    await recordChange("card-written", { by: actor.id, credential: id, door }, person);
    const { tail } = credentials.read(id);
    return { id, assurance, ...(tail !== undefined && { tail }) };
  },
});

/** Asks a card for the proof that it is the one its number says. */
async function prove(services: Services, request: Begin): Promise<Chip> {
  const { strongCards, dialogues } = services;
  const end = (ended: Ended<void>): Promise<Chip> => {
    if ("error" in ended && !isAnswer(ended.error)) return Promise.reject(ended.error);
    const found = strongCards.sensed(request.uid, "result" in ended);
    return Promise.resolve({ attempt: senseCard(services, request, found) });
  };
  return stepOf(await dialogues.begin(request.node, proof(strongCards.proofOf(request.uid)), end));
}

function* proof({ chip, key, number }: ReturnType<Services["strongCards"]["proofOf"]>): Talk<void> {
  if (chip === "ntag424") yield* select();
  else if (!(yield* selectOurs())) throw new LimenError("card-other-chip", { status: 422 });
  yield* authenticate({ key, number, ours: randomBytes(16) });
}

/** Whether it was the card that failed, and not our time or its place in the field. */
const isAnswer = (error: unknown): boolean =>
  error instanceof LimenError && (error.code === "card-auth-failed" || error.code === "card-other-chip");

/** Writes a blank card for a desk. It is issued when everything was proved, and not before. */
async function write(services: Services, { uid, node, talks }: Begin, desk: Waiting): Promise<Chip> {
  const { dialogues, strongCards } = services;
  const failed = (error: unknown): never => {
    desk.failed(error);
    throw error;
  };
  const end = (ended: Ended<number | undefined>): Promise<Chip> => {
    if ("error" in ended) return failed(ended.error);
    try {
      desk.done(strongCards.issue(uid, desk.order, ended.result));
    } catch (error) {
      failed(error);
    }
    return Promise.resolve({ written: true });
  };
  if (!talks || uid.length !== 14) failed(new LimenError("card-other-chip", { status: 422 }));
  return stepOf(await dialogues.begin(node, writing(strongCards, uid, desk.order), end));
}

function* writing(strongCards: StrongCards, uid: string, order: ChipOrder): Talk<number | undefined> {
  const chip = yield* chipKind(uid);
  const card = { ...strongCards.begin(uid, order, chip), random: randomBytes };
  return yield* chip === "ntag424" ? personalise(card) : personaliseDesfire(card);
}

const stepOf = (step: Step<Chip>): Chip =>
  "over" in step ? step.over : { dialogue: step.dialogue, send: step.send.toString("hex") };
