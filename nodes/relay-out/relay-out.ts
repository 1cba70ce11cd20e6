import { systemClock } from "../../core/clock.ts";
import { openMessage } from "../../core/devices/relays/messages.ts";
import { Openings } from "../../core/devices/relays/openings.ts";
import { longestPulseMs, pulseMs } from "../../core/devices/relays/pulse.ts";
import { relayTopic } from "../../core/devices/relays/topics.ts";
import { LimenError } from "../../core/errors.ts";
import { timeId } from "../../core/ids.ts";
import { ask, attemptIn } from "../lib/ask.ts";
import { defineNode } from "../lib/define-node.ts";
import type { Panel } from "../lib/panel.ts";
import { registry } from "../lib/registry.ts";
import type { DoorService } from "../lib/services.ts";
import type { Message } from "../lib/types.ts";
import type { Bus } from "../limen-bus/bus.ts";
import { BoardWatch } from "./board-watch.ts";
import { config, migrations, version } from "./config.ts";
import { forgetOpened, onRelease, tellOpened } from "./doors.ts";
import { isBurning, onFire, takeUpFire } from "./fire.ts";
import { ReadBack } from "./read-back.ts";

/** A command that is older means nothing to its receiver. */
const commandMs = 3000;

/** Opens one door for its time, when the vault takes the attempt's ticket: once, for this door, within five seconds. */
export default defineNode({
  type: "relay-out",
  config,
  version,
  migrations,
  setup: (context) => {
    const { drive, unit, channel } = context.config;
    const { door } = context.need<DoorService>(context.config.door);
    const topic = relayTopic(drive, context.config.topic, door.id);
    if (drive !== "bus" && /[#+]/.test(topic))
      throw new LimenError("config-invalid", { field: "/topic", params: { field: "/topic" } });
    const bus = drive === "bus" ? context.need<Bus>(context.config.bus) : undefined;
    const usualMs = pulseMs(door.openSeconds);
    const openings = new Openings();
    const burning = (): boolean => isBurning(door.id);
    // before anything moves here: a door that fire held released when we were last here still is
    takeUpFire(context.RED, context.config.door, door.id);

    const idle = (): void => {
      if (bus && !bus.up) context.status({ fill: "red", shape: "ring", key: "status.line-away" });
      else if (boardWatch?.silent) context.status({ fill: "red", shape: "ring", key: "status.board-silent" });
      else context.status({ fill: "grey", shape: "ring", key: "status.shut" });
    };
    let boardWatch: BoardWatch | undefined;
    const stop = bus?.onState(() => idle());
    const unwatched = bus?.watch?.(unit, door.id, []);
    registry.watch(context.id, door.id, {
      kinds: ["relay-failed", ...(bus ? (["relay-stuck", "relay-silent"] as const) : [])],
    });
    let shut: NodeJS.Timeout | undefined;
    idle();

    /**
     * Moves the lock. Nobody's opening cuts another's short.
     * @returns how long for, and the command for output 2, where a device is told by message
     */
    const open = async (attempt: string, least: number): Promise<{ ms: number; command: Message | null }> => {
      const now = systemClock.monotonic();
      const left = (openings.until(now) ?? now) - now;
      const ms = Math.min(longestPulseMs, Math.ceil(Math.max(least, left) / 100) * 100);
      // it counts at once: one that comes while this one is on a slow line must not overtake it and cut it short
      const opening = openings.begin(now + ms);
      try {
        return { ms, command: await move(attempt, ms) };
      } catch (error) {
        openings.end(opening);
        // a board that was not understood may have moved; but OFF would end what others are let in by
        const others = openings.until(systemClock.monotonic()) !== undefined;
        if (!others && !burning()) await bus?.off(unit, channel);
        throw error;
      }
    };
    const move = async (attempt: string, ms: number): Promise<Message | null> => {
      if (bus) {
        readBack?.pulsed(ms); // also when it fails: a board that was not understood may have moved
        await bus.pulse(unit, channel, ms);
        return null;
      }
      const expires = new Date(systemClock.now().getTime() + commandMs).toISOString();
      const command = { id: attempt, expires, seconds: ms / 1000 };
      return {
        ...openMessage(drive as Exclude<typeof drive, "bus">, topic, channel, command),
      } as unknown as Message;
    };

    // for those who leave: no ticket, and door-watch records it
    const offer = onRelease(door.id, async (reason) => {
      if (reason === "fire" && bus?.hold) return await bus.hold(unit, channel);
      const { command } = await open(timeId(), usualMs);
      if (command) context.send([null, command]);
    });

    const news = (kind: "relay-stuck" | "relay-silent" | "relay-rests", settles?: true): void => {
      const event = { door: door.id, kind, detail: drive, ...(settles && { settles }) };
      ask(context, "event", event).catch((error) => context.fail(error));
      if (settles) return; // it is as it should be
      if (kind === "relay-stuck") context.status({ fill: "red", shape: "dot", key: "status.stuck" });
      else idle();
      context.send([{ topic: door.id, payload: { event: kind, door: door.id } } as unknown as Message, null]);
    };
    const readBack = bus && new ReadBack(bus, unit, channel, news, burning);
    boardWatch = bus && new BoardWatch(bus, unit, channel, news, burning);
    const deaf = onFire(door.id, (on) => {
      if (on) return;
      bus?.free?.(unit, channel).catch((error) => context.fail(error));
      readBack?.look();
    });

    const record = async (kind: "opened" | "relay-failed", attempt: string): Promise<void> => {
      await ask(context, "event", { door: door.id, kind, attempt, detail: drive });
    };
    const outcome = (event: "opened" | "relay-failed", attempt: string): Message =>
      ({ topic: door.id, payload: { event, door: door.id, attempt } }) as Message;

    /** What the board said when it was last asked: by the test panel, once a second at most. */
    let relayOn: boolean | undefined;
    let asking = false;
    const panel: Panel = {
      door: door.id,
      opens: true,
      look: () => {
        if (bus?.isOn && !asking) {
          asking = true;
          bus
            .isOn(unit, channel)
            .catch(() => undefined)
            .then((on) => {
              relayOn = on;
              asking = false;
            });
        }
        return [
          {
            line: bus ? (bus.up && !boardWatch?.silent ? "online" : "offline") : "wires",
            ...(relayOn !== undefined && { inputs: [{ name: "relay", on: relayOn }] }),
          },
        ];
      },
    };

    return {
      panel,
      input: async (message, send) => {
        const { ticket } = attemptIn(message);
        // without a ticket the vault is asked all the same: that it was tried belongs on the record
        const { attempt, seconds } = await ask(context, "redeem", {
          ticket: ticket ?? "",
          door: door.id,
          action: "open",
        });
        let opening: Awaited<ReturnType<typeof open>>;
        try {
          opening = await open(attempt, seconds === undefined ? usualMs : pulseMs(seconds));
        } catch (error) {
          send([outcome("relay-failed", attempt), null]);
          await record("relay-failed", attempt);
          throw error;
        }
        tellOpened(door.id, opening.ms);
        send([outcome("opened", attempt), opening.command]);
        clearTimeout(shut);
        shut = setTimeout(idle, opening.ms);
        context.status({ fill: "green", shape: "dot", key: "status.open" });
        await record("opened", attempt);
        return undefined;
      },
      close: async () => {
        clearTimeout(shut);
        stop?.();
        unwatched?.();
        offer();
        readBack?.close();
        boardWatch?.close();
        deaf();
        forgetOpened(door.id);
        if (!burning()) await bus?.off(unit, channel);
      },
    };
  },
});
