import { systemClock } from "../../core/clock.ts";
import { Debounce } from "../../core/devices/cards/debounce.ts";
import { Flood } from "../../core/devices/cards/flood.ts";
import { bytesOf } from "../../core/devices/cards/payload.ts";
import { parserFor } from "../../core/devices/cards/profiles.ts";
import type { CardReading, Found, ReaderParser } from "../../core/devices/cards/reading.ts";
import { ask, attemptStatus, isWired, withAttempt } from "../lib/ask.ts";
import { defineNode } from "../lib/define-node.ts";
import { registry } from "../lib/registry.ts";
import type { DoorService } from "../lib/services.ts";
import type { Message } from "../lib/types.ts";
import { ReaderLights } from "../limen-bus/lights.ts";
import { config, version } from "./config.ts";
import { listenTo } from "./osdp.ts";

const lineEnd = Uint8Array.of(0x0d);
/** More cards than this in one message is no reader. */
const mostAtOnce = 4;

/** Bytes of a card reader in, an attempt out: the vault is told the number, and nobody else. */
export default defineNode({
  type: "card-read",
  config,
  version,
  setup: (context) => {
    const { door } = context.need<DoorService>(context.config.door);
    const { format, notation, framing, keys, silence, reader } = context.config;
    const parser =
      format === "osdp"
        ? undefined
        : parserFor({ format, keys, ...(notation === "none" ? {} : { notation }) });
    const debounce = new Debounce(silence * 1000);
    const flood = new Flood();
    const lights = format === "osdp" ? new ReaderLights(context) : undefined;
    let timer: NodeJS.Timeout | undefined;
    let rejected = 0;

    if (isWired(context)) registry.way(context.id, door.id, ["card"]);
    if (parser) context.status({ fill: "grey", shape: "ring", key: "status.listening" });

    const noise = (): void => context.status({ fill: "yellow", shape: "ring", key: "status.noise" });
    /** Cards among what a parser found; noise shows on the node and is no error. */
    const freshIn = (found: Found[], parser: ReaderParser, at: number): CardReading[] => {
      if (parser.rejected > rejected) noise();
      rejected = parser.rejected;
      return freshOf(
        found.flatMap((one) => (one.kind === "card" ? [one.card] : [])),
        at,
      );
    };
    /** Those that have just come. */
    const freshOf = (cards: CardReading[], at: number): CardReading[] => {
      const fresh = cards.filter(({ number }) => debounce.fresh(number, at)).slice(0, mostAtOnce);
      const heard = fresh.filter(() => flood.admits(at));
      if (heard.length < fresh.length) context.status({ fill: "red", shape: "ring", key: "status.flood" });
      return heard;
    };

    /** Only the message's id goes on: everything else of what came in may hold the number. */
    const identify = async ({ _msgid }: Message, cards: CardReading[]): Promise<Message[]> => {
      const out: Message[] = [];
      for (const card of cards) {
        const attempt = await ask(context, "identify", {
          door: door.id,
          node: context.id,
          reader: reader || context.id,
          method: "card",
          card,
        });
        context.status(attemptStatus(attempt));
        lights?.follow(attempt);
        out.push(withAttempt({ _msgid } as Message, attempt));
      }
      return out;
    };

    /** Cards that no message brought. */
    const bring = (cards: CardReading[]): void => {
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
    const stop =
      format === "osdp"
        ? listenTo(context, door.id, (card) => {
            if (card) bring(freshOf([card], systemClock.monotonic()));
            else noise();
          })
        : undefined;

    return {
      input: async (message) => {
        // a broker's memory of a card is not a card at the reader
        const bytes = message.retain === true ? undefined : bytesOf(message.payload);
        if (!bytes || !parser) {
          context.status({ fill: "yellow", shape: "ring", key: "status.not-bytes" });
          return undefined;
        }
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
