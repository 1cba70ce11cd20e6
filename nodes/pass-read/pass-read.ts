import { systemClock } from "../../core/clock.ts";
import { Debounce } from "../../core/devices/cards/debounce.ts";
import { Flood } from "../../core/devices/cards/flood.ts";
import { LineSplitter } from "../../core/devices/cards/lines.ts";
import { bytesOf } from "../../core/devices/cards/payload.ts";
import { type Acts, onAct } from "../lib/acts.ts";
import { ask, attemptStatus, isWired, withAttempt } from "../lib/ask.ts";
import { defineNode } from "../lib/define-node.ts";
import { Heard, type Panel } from "../lib/panel.ts";
import { registry } from "../lib/registry.ts";
import type { DoorService } from "../lib/services.ts";
import type { Message } from "../lib/types.ts";
import { config, version } from "./config.ts";

/** The vault takes no longer text. */
const maxLength = 1024;
/** A code half read is given up after this, ms. */
const gapMs = 1000;
const lineEnd = Uint8Array.of(0x0d);
/** More codes than this in one message is no reader. */
const mostAtOnce = 2;

/**
 * Where a phone opens this door from. A car waits before its barrier, and a gate is opened to whoever rings; a house and
 * its rooms are opened by whoever stands before them.
 */
const phoneAt = (
  leadsTo: DoorService["door"]["class"],
  setting: "off" | "by-class" | "at-door" | "anywhere",
): "at-door" | "anywhere" | undefined => {
  if (setting === "off") return undefined;
  if (setting !== "by-class") return setting;
  return leadsTo === "vehicle" || leadsTo === "gate" ? "anywhere" : "at-door";
};

/** Text of a QR reader in, an attempt out. The text is a key: the vault is told it, and nobody else. */
export default defineNode({
  type: "pass-read",
  config,
  version,
  setup: (context) => {
    const { door } = context.need<DoorService>(context.config.door);
    const { framing, phone, silence, reader } = context.config;
    const lines = new LineSplitter({ maxLength, gapMs });
    const debounce = new Debounce(silence * 1000);
    const heard = new Heard();
    const flood = new Flood({ perSecond: 2, burst: 4 });

    const byPhone = phoneAt(door.class, phone);
    if (isWired(context)) registry.way(context.id, door.id, byPhone ? ["pass", "phone"] : ["pass"]);
    if (isWired(context) && byPhone) registry.offer(context.id, door.id, { phone: byPhone });

    /** The deliberate act: somebody pressed on their own page. */
    const open = async ({ auth, code }: Acts["phone"]): Promise<string> => {
      try {
        const attempt = await ask(context, "identify", {
          door: door.id,
          node: context.id,
          reader: reader || context.id,
          method: "phone",
          auth,
          ...(code === undefined ? {} : { digits: code }),
        });
        context.status(attemptStatus(attempt));
        context.send([withAttempt({} as Message, attempt)]);
        return attempt.id;
      } catch (error) {
        context.fail(error);
        throw error;
      }
    };
    const off = byPhone && isWired(context) ? onAct(door.id, "phone", open) : undefined;
    context.status({ fill: "grey", shape: "ring", key: "status.listening" });

    const panel: Panel = {
      door: door.id,
      look: () => [{ line: "wires", faults: lines.rejected, ...heard.look() }],
      ...(isWired(context) && {
        begin: { turn: 1, send: (attempt) => context.send([withAttempt({} as Message, attempt)]) },
      }),
    };

    return {
      panel,
      input: async (message) => {
        const bytes = message.retain === true ? undefined : bytesOf(message.payload);
        const at = systemClock.monotonic();
        const before = lines.rejected;
        const read = bytes ? lines.push(bytes, at) : [];
        if (bytes) heard.anything();
        if (bytes && framing === "message") read.push(...lines.push(lineEnd, at));
        if (!bytes || lines.rejected > before)
          context.status({ fill: "yellow", shape: "ring", key: "status.unreadable" });
        const seen = read.flatMap((line) => (line.kind === "line" ? [line.text.trim()] : []));
        for (const text of seen) heard.code(text);
        const texts = seen
          .filter((text) => text !== "" && debounce.fresh(text, at))
          .slice(0, mostAtOnce)
          .filter(() => flood.admits(at));
        const out: Message[] = [];
        for (const text of texts) {
          const attempt = await ask(context, "identify", {
            door: door.id,
            node: context.id,
            reader: reader || context.id,
            method: "pass",
            text,
          });
          context.status(attemptStatus(attempt));
          out.push(withAttempt({ _msgid: message._msgid } as Message, attempt));
        }
        return out.length > 0 ? [out] : undefined;
      },
      close: () => off?.(),
    };
  },
});
