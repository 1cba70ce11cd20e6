import { systemClock } from "../../core/clock.ts";
import { Debounce } from "../../core/devices/cards/debounce.ts";
import { Flood } from "../../core/devices/cards/flood.ts";
import { bytesOf } from "../../core/devices/cards/payload.ts";
import { parserFor } from "../../core/devices/cards/profiles.ts";
import type { CardReading, Found, ReaderParser } from "../../core/devices/cards/reading.ts";
import { formatsFor } from "../../core/devices/cards/site-formats.ts";
import { feedback } from "../../core/devices/osdp/index.ts";
import type { EntryAttempt } from "../../core/entry/attempt.ts";
import { ask, attemptStatus, isWired, withAttempt } from "../lib/ask.ts";
import { defineNode } from "../lib/define-node.ts";
import { Heard, osdpLook, type Panel, signalAt } from "../lib/panel.ts";
import { registry } from "../lib/registry.ts";
import type { DoorService } from "../lib/services.ts";
import type { Message } from "../lib/types.ts";
import type { Bus } from "../limen-bus/bus.ts";
import { ReaderLights } from "../limen-bus/lights.ts";
import type { Readers } from "../limen-bus/osdp.ts";
import { talkAt } from "./chip.ts";
import { config, version } from "./config.ts";
import { listenTo } from "./osdp.ts";

const lineEnd = Uint8Array.of(0x0d);
/** More cards than this in one message is no reader. */
const mostAtOnce = 4;

/** A card as the vault is told of it: by its number, or by what it has signed. */
type Read = { card: CardReading } | { text: string };
const readOf = (found: Found): Read[] => {
  if (found.kind === "card") return [{ card: found.card }];
  return found.kind === "signed" ? [{ text: found.text }] : [];
};
const keyOf = (read: Read): string => ("card" in read ? read.card.number : read.text);

/** Bytes of a card reader in, an attempt out: the vault is told the number, and nobody else. */
export default defineNode({
  type: "card-read",
  config,
  version,
  setup: (context) => {
    const { door } = context.need<DoorService>(context.config.door);
    const { format, notation, framing, keys, silence, reader, place } = context.config;
    const formats = formatsFor(context.config.formats, { raw: format === "osdp" });
    const parser =
      format === "osdp" || format === "chip"
        ? undefined
        : parserFor({ format, formats, keys, ...(notation === "none" ? {} : { notation }) });
    const debounce = new Debounce(silence * 1000);
    const flood = new Flood();
    const lights = format === "osdp" ? new ReaderLights(context) : undefined;
    const heard = new Heard();
    let timer: NodeJS.Timeout | undefined;
    let rejected = 0;

    const atDesk = format === "chip" && place === "desk";

    if (isWired(context) && !atDesk) registry.way(context.id, door.id, ["card"]);
    if (parser) context.status({ fill: "grey", shape: "ring", key: "status.listening" });

    const noticed = (read: Read): void => ("card" in read ? heard.card(read.card) : heard.code(read.text));
    const noise = (): void => context.status({ fill: "yellow", shape: "ring", key: "status.noise" });
    /** Cards among what a parser found; noise shows on the node and is no error. */
    const freshIn = (found: Found[], parser: ReaderParser, at: number): Read[] => {
      if (parser.rejected > rejected) noise();
      for (const read of found.flatMap(readOf)) noticed(read);
      rejected = parser.rejected;
      return freshOf(found.flatMap(readOf), at);
    };
    /** Those that have just come. */
    const freshOf = (cards: Read[], at: number): Read[] => {
      const fresh = cards.filter((read) => debounce.fresh(keyOf(read), at)).slice(0, mostAtOnce);
      const heard = fresh.filter(() => flood.admits(at));
      if (heard.length < fresh.length) context.status({ fill: "red", shape: "ring", key: "status.flood" });
      return heard;
    };

    /** Only the message's id goes on: everything else of what came in may hold the number. */
    const identify = async ({ _msgid }: Message, cards: Read[]): Promise<Message[]> => {
      const out: Message[] = [];
      for (const read of cards) {
        const attempt = await ask(context, "identify", {
          door: door.id,
          node: context.id,
          reader: reader || context.id,
          method: "card",
          ...read,
        });
        out.push(show(attempt, _msgid));
      }
      return out;
    };
    const show = (attempt: EntryAttempt, _msgid?: string): Message => {
      context.status(attemptStatus(attempt));
      lights?.follow(attempt);
      return withAttempt({ ...(_msgid !== undefined && { _msgid }) } as Message, attempt);
    };

    /** Cards that no message brought. */
    const bring = (cards: Read[]): void => {
      identify({} as Message, cards).then(
        (out) => out.length > 0 && context.send([out]),
        (error) => context.fail(error),
      );
    };
    /** What is still pending ends by itself after its gap. */
    const flush = (from: ReaderParser): void => {
      const at = systemClock.monotonic();
      bring(freshIn(from.flush(at), from, at));
      wait(from);
    };
    const wait = (from: ReaderParser): void => {
      clearTimeout(timer);
      if (from.waitMs !== undefined) timer = setTimeout(() => flush(from), from.waitMs);
    };
    const serve = (): (() => void) | undefined => {
      if (format === "osdp")
        return listenTo(context, door.id, formats, (card) => {
          if (card) noticed({ card });
          if (card) bring(freshOf([{ card }], systemClock.monotonic()));
          else noise();
        });
      if (format !== "chip") return undefined;
      return talkAt(context, door.id, {
        seen: (card) => heard.card(card),
        fresh: (card) => freshOf([{ card }], systemClock.monotonic()).length > 0,
        forget: (card) => debounce.forget(card.number),
        attempt: (attempt) => context.send([show(attempt)]),
      });
    };
    const stop = serve();

    const readers = format === "osdp" ? context.need<Readers>(context.config.bus) : undefined;
    const line = format === "chip" ? context.need<Bus>(context.config.bus) : undefined;
    const panel: Panel = {
      door: door.id,
      look: () => {
        const shown = heard.look();
        if (readers) return [{ ...shown, ...osdpLook(readers.reader(context.config.unit)) }];
        if (line) return [{ line: line.up ? "online" : "offline", ...shown }];
        return [{ line: "wires", faults: parser?.rejected ?? 0, ...shown }];
      },
      ...(readers && { signal: () => signalAt(readers, context.config.unit, feedback("test")) }),
      ...(isWired(context) &&
        !atDesk && {
          begin: { turn: 2, send: (attempt) => context.send([withAttempt({} as Message, attempt)]) },
        }),
    };

    return {
      panel,
      input: async (message) => {
        // a broker's memory of a card is not a card at the reader
        const bytes = message.retain === true ? undefined : bytesOf(message.payload);
        if (!bytes || !parser) {
          context.status({ fill: "yellow", shape: "ring", key: "status.not-bytes" });
          return undefined;
        }
        heard.anything();
        const at = systemClock.monotonic();
        const found = parser.push(bytes, at);
        if (framing === "message" && format !== "rdm6300" && format !== "pn532")
          found.push(...parser.push(lineEnd, at));
        const cards = freshIn(found, parser, at);
        wait(parser);
        const out = await identify(message, cards);
        return out.length > 0 ? [out] : undefined;
      },
      close: () => {
        clearTimeout(timer);
        stop?.();
        lights?.close();
      },
    };
  },
});
