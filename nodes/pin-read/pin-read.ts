import { systemClock } from "../../core/clock.ts";
import { bytesOf } from "../../core/devices/cards/payload.ts";
import type { Key } from "../../core/devices/cards/reading.ts";
import { CodeEntry } from "../../core/devices/keypad/entry.ts";
import { keySourceFor } from "../../core/devices/keypad/presses.ts";
import { feedback } from "../../core/devices/osdp/index.ts";
import type { EntryAttempt } from "../../core/entry/attempt.ts";
import { LimenError } from "../../core/errors.ts";
import { type Acts, onAct } from "../lib/acts.ts";
import { ask, attemptStatus, isWired, withAttempt } from "../lib/ask.ts";
import { defineNode } from "../lib/define-node.ts";
import { Heard, osdpLook, type Panel, signalAt } from "../lib/panel.ts";
import { registry } from "../lib/registry.ts";
import type { DoorService } from "../lib/services.ts";
import type { Message } from "../lib/types.ts";
import { ReaderLights } from "../limen-bus/lights.ts";
import type { Readers } from "../limen-bus/osdp.ts";
import { config, version } from "./config.ts";
import { WaitingAttempt } from "./waiting.ts";

const isAttempt = (payload: unknown): payload is EntryAttempt =>
  typeof payload === "object" && payload !== null && "checks" in payload && "id" in payload;

/** Keys in, an attempt out: the code goes to the vault when it is complete, and nowhere else, ever. */
export default defineNode({
  type: "pin-read",
  config,
  version,
  setup: (context) => {
    const { door } = context.need<DoorService>(context.config.door);
    const { format, bus, unit, screen, use, within, length, gap, reader, facility } = context.config;
    const keys = keySourceFor(format, facility);
    const entry = new CodeEntry({ length, gapMs: gap * 1000 });
    const waiting = new WaitingAttempt(within * 1000, (message) => {
      idle();
      context.send([message]);
    });
    const lights = format === "osdp" && bus ? new ReaderLights(context) : undefined;
    const heard = new Heard();
    let timer: NodeJS.Timeout | undefined;
    let silence: NodeJS.Timeout | undefined;

    const idle = (): void => context.status({ fill: "grey", shape: "ring", key: "status.listening" });
    if (use === "alone" && isWired(context)) registry.way(context.id, door.id, ["pin"]);
    if (use === "after" && isWired(context)) registry.second(context.id, door.id, ["pin"]);
    idle();

    const identify = async (
      digits: string,
      { _msgid }: Message,
      at = reader || context.id,
    ): Promise<Message | undefined> => {
      const first = use === "after" ? waiting.take() : undefined;
      if (use === "after" && !first) {
        context.status({ fill: "yellow", shape: "ring", key: "status.first-way-first" });
        return undefined;
      }
      const attempt = await ask(context, "identify", {
        door: door.id,
        node: context.id,
        reader: at,
        method: "pin",
        digits,
        ...(first ? { attempt: first.id } : {}),
      });
      context.status(attemptStatus(attempt));
      lights?.follow(attempt);
      return withAttempt(first?.message ?? ({ _msgid } as Message), attempt);
    };

    /** A code typed on the door's own screen, which locks for itself. */
    const typedOnScreen = async ({ digits }: Acts["pin"]): Promise<string> => {
      try {
        const message = await identify(digits, {} as Message, `screen-${door.id}`);
        if (!message) throw new LimenError("first-way-first", { status: 409 });
        context.send([message]);
        return (message.payload as EntryAttempt).id;
      } catch (error) {
        context.fail(error);
        throw error;
      }
    };
    const off = screen && isWired(context) ? onAct(door.id, "pin", typedOnScreen) : undefined;
    if (off) registry.offer(context.id, door.id, { pad: true });

    /** @returns the attempts that these keys completed */
    const press = async (pressed: readonly Key[], at: number, message: Message): Promise<Message[]> => {
      const out: Message[] = [];
      if (pressed.length > 0) heard.keys();
      for (const key of pressed) {
        const typed = entry.press(key, at);
        if (typed.kind === "typing") context.status({ fill: "blue", shape: "ring", key: "status.typing" });
        if (typed.kind === "refused")
          context.status({ fill: "yellow", shape: "ring", key: "status.no-code" });
        if (typed.kind === "cleared") idle();
        const done = typed.kind === "code" ? await identify(typed.digits, message) : undefined;
        if (done) out.push(done);
      }
      wait();
      return out;
    };

    /** Runs when a byte has stood alone long enough, and when somebody walked off in the middle of a code. */
    const wait = (): void => {
      clearTimeout(timer);
      clearTimeout(silence);
      if (keys.waitMs !== undefined) timer = setTimeout(alone, keys.waitMs);
      if (!entry.empty)
        silence = setTimeout(() => entry.forget(systemClock.monotonic()) && idle(), gap * 1000 + 1);
    };
    /** Keys that no message brought. */
    const bring = (pressed: readonly Key[], at: number): void => {
      press(pressed, at, {} as Message).then(
        (out) => out.length > 0 && context.send([out]),
        (error) => context.fail(error),
      );
    };
    const alone = (): void => {
      const at = systemClock.monotonic();
      bring(keys.flush(at), at);
    };
    const away = (): void => context.status({ fill: "red", shape: "ring", key: "status.keypad-away" });
    const readers = format === "osdp" && bus ? context.need<Readers>(bus) : undefined;
    const listen = (): (() => void)[] => {
      if (!readers) return [];
      return [
        readers.onReader(unit, (event) => {
          if (event.kind === "key") bring([event.key], systemClock.monotonic());
          if (event.kind === "state") event.state === "online" ? idle() : away();
        }),
        readers.watch(unit, door.id, ["pin"]),
      ];
    };
    const stops = listen();

    const panel: Panel = {
      door: door.id,
      look: () => [{ line: "wires", ...heard.look(), ...(readers && osdpLook(readers.reader(unit))) }],
      ...(readers && { signal: () => signalAt(readers, unit, feedback("test")) }),
      ...(use === "alone" &&
        isWired(context) && {
          begin: { turn: 3, send: (attempt) => context.send([withAttempt({} as Message, attempt)]) },
        }),
    };

    return {
      panel,
      input: async (message) => {
        if (isAttempt(message.payload)) {
          // what has failed already needs no code any more
          const open = message.payload.checks.every(({ result }) => result !== "fail");
          const decided = !open || message.payload.outcome !== "pending";
          // whoever staff let in, or a test lets in, has no code to type: the rule says whether that is enough
          if (use === "alone" || decided || message.payload.method === "guard") return [message];
          entry.clear();
          waiting.put(message);
          context.status({ fill: "blue", shape: "ring", key: "status.code-please" });
          return undefined;
        }
        const bytes = message.retain === true ? undefined : bytesOf(message.payload);
        if (!bytes) {
          context.status({ fill: "yellow", shape: "ring", key: "status.not-bytes" });
          return undefined;
        }
        heard.anything();
        const at = systemClock.monotonic();
        const out = await press(keys.push(bytes, at), at, message);
        return out.length > 0 ? [out] : undefined;
      },
      close: () => {
        clearTimeout(timer);
        clearTimeout(silence);
        for (const stop of stops) stop();
        off?.();
        lights?.close();
        entry.clear();
        waiting.take();
      },
    };
  },
});
