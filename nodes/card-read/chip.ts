import type { PresentCard } from "../../core/devices/cards/chip-reader.ts";
import { readingOf } from "../../core/devices/cards/pn532.ts";
import type { CardReading } from "../../core/devices/cards/reading.ts";
import type { EntryAttempt } from "../../core/entry/attempt.ts";
import { LimenError } from "../../core/errors.ts";
import { ask } from "../lib/ask.ts";
import type { NodeContext, Status } from "../lib/types.ts";
import { type ChipLine, isChipLine } from "../limen-bus/chip-lines.ts";

type Context = NodeContext<{ bus: string; reader: string; place: "door" | "desk" }>;

/** What is done with cards that have come. */
export interface ChipVisits {
  /** A card lies there; told again and again. */
  seen(card: CardReading): void;
  /** True for one that has just come, and may. */
  fresh(card: CardReading): boolean;
  /** It was taken away too soon: it counts as new when it lies there again. */
  forget(card: CardReading): void;
  attempt(attempt: EntryAttempt): void;
}

/** How often a card that was torn away is tried again while it goes on lying there. */
const mostTears = 4;

const listening: Status = { fill: "grey", shape: "ring", key: "status.listening" };
const away: Status = { fill: "red", shape: "ring", key: "status.reader-away" };
const torn: Status = { fill: "yellow", shape: "ring", key: "status.torn" };
const random: Status = { fill: "yellow", shape: "ring", key: "status.random" };
const written: Status = { fill: "blue", shape: "dot", key: "status.written" };

/**
 * Serves a reader that talks with cards: what the vault wants to know of a card is carried to it, and its answers back.
 * No key and no decision is ever here.
 * @returns stops that @throws LimenError `config-missing`, or `reader-kind` for a line that has no such reader
 */
export function talkAt(context: Context, door: string, visits: ChipVisits): () => void {
  const line = context.need<ChipLine>(context.config.bus);
  if (!isChipLine(line)) throw new LimenError("reader-kind", { field: "/bus", params: { field: "/bus" } });
  let tears = 0;

  const visit = async (present: PresentCard): Promise<void> => {
    const card = readingOf({ uid: present.uid, sak: 0, atqa: 0 });
    if (!card) return context.status(random);
    visits.seen(card);
    if (!visits.fresh(card)) return;
    const end = await converse(context, door, card.number, present);
    if (end === "torn") {
      context.status(torn);
      if (++tears < mostTears) visits.forget(card);
      return;
    }
    tears = 0;
    if (end === "written") context.status(written);
    else if (end) visits.attempt(end);
  };
  const stops = [
    line.onCard((card) => visit(card).catch((error) => context.fail(error))),
    line.onState((up) => context.status(up ? listening : away)),
    ...(context.config.place === "desk" ? [] : [line.watch(0, door, ["card"])]),
  ];
  context.status(line.up ? listening : away);
  return () => {
    for (const stop of stops) stop();
  };
}

/** Carries one conversation. @returns undefined when nobody wanted anything of the card */
async function converse(
  context: Context,
  door: string,
  uid: string,
  card: PresentCard,
): Promise<EntryAttempt | "torn" | "written" | undefined> {
  const { reader, place } = context.config;
  const about = { door, node: context.id, reader: reader || context.id, place };
  let step = await ask(context, "chip.begin", { ...about, uid, talks: card.talks });
  while (step.dialogue !== undefined && step.send !== undefined) {
    const { dialogue, send } = step;
    const answer = await card.exchange(Buffer.from(send, "hex")).catch(() => undefined);
    if (!answer?.length) {
      await ask(context, "chip.drop", { dialogue });
      return "torn";
    }
    step = await ask(context, "chip.answer", { dialogue, answer: Buffer.from(answer).toString("hex") });
  }
  return step.attempt ?? (step.written ? "written" : undefined);
}
