import { systemClock } from "../../core/clock.ts";
import { type Beat, Heartbeats } from "../../core/devices/door/heartbeats.ts";
import { RelayWatch } from "../../core/devices/door/relay-watch.ts";
import { type DoorEvent, type DoorInput, DoorWatch } from "../../core/devices/door/supervise.ts";
import { LimenError } from "../../core/errors.ts";
import type { Request } from "../../vault/protocol/index.ts";
import { type Acts, onAct } from "../lib/acts.ts";
import { ask } from "../lib/ask.ts";
import { defineNode } from "../lib/define-node.ts";
import { Heard } from "../lib/panel.ts";
import { registry } from "../lib/registry.ts";
import type { DoorService } from "../lib/services.ts";
import type { Message, Outputs, Status } from "../lib/types.ts";
import { onOpened, releaseDoor } from "../relay-out/doors.ts";
import { tellFire } from "../relay-out/fire.ts";
import { config, version } from "./config.ts";
import { FireLatch } from "./fire-latch.ts";
import { hear, type Heard as Input } from "./inputs.ts";
import { listenToInputs } from "./osdp-inputs.ts";
import { Recorder } from "./recorder.ts";

type Kind = Request<"event">["kind"];

/** Watches one door and those who should be heard from, and lets people out. */
export default defineNode({
  type: "door-watch",
  config,
  version,
  setup: (context) => {
    const settings = context.config;
    const { door } = context.need<DoorService>(settings.door);
    // an input that is wired and never listened to would be found out in a fire
    if (settings.from === "osdp" && settings.fireInput > 0 && settings.fire === "none")
      throw new LimenError("fire-unread", { field: "/fire", params: { field: "/fire" } });
    const now = (): number => systemClock.monotonic();
    registry.watch(context.id, door.id, {
      kinds: [
        ...(settings.fire === "none" ? [] : (["fire"] as const)),
        ...(settings.contact === "none" ? [] : (["forced", "held", "held-warning"] as const)),
        ...(settings.relay === "reports" ? (["relay-stuck", "relay-unasked"] as const) : []),
      ],
      readers: settings.ways,
    });
    const openMs = door.openSeconds * 1000;
    const watch = new DoorWatch({
      openMs,
      heldMs: settings.held * 1000,
      warnMs: Math.min(settings.warn, settings.held) * 1000,
      exit: settings.exit,
      lostIsFire: settings.fireLost === "release",
    });
    const beats = new Heartbeats(settings.ways, settings.silence * 1000, now());
    // silence of the fire input is watched like a reader's; it speaks or it is not trusted
    const fireInput = new Heartbeats(
      settings.fire === "none" ? [] : ["fire"],
      settings.fireSilence * 1000,
      now(),
    );
    const relay = settings.relay === "reports" ? new RelayWatch() : undefined;
    const latch = new FireLatch(context.RED, door.id);
    const recorder = new Recorder(context, () => levels());
    let alarm: Kind | undefined;
    let timer: NodeJS.Timeout | undefined;
    let releasing: NodeJS.Timeout | undefined;
    /** A redeploy took this node away: what is still on its way must not start anything again. */
    let closed = false;

    const show = (): void => {
      const red = (key: string): Status => ({ fill: "red", shape: "dot", key: `status.${key}` });
      if (watch.fire) context.status(red("fire"));
      else if (beats.silent.length > 0) context.status(red("way-silent"));
      else if (relay && relay.fault !== "none") context.status(red(`relay-${relay.fault}`));
      else if (alarm !== undefined) context.status(red(alarm));
      else context.status({ fill: "grey", shape: "ring", key: `status.${watch.state}` });
    };

    const tell = (kind: Kind, detail: string | undefined, recorded = false): Message => {
      if (!recorded) recorder.put({ door: door.id, kind, ...(detail === undefined ? {} : { detail }) });
      const payload = { event: kind, door: door.id, ...(detail === undefined ? {} : { detail }) };
      return { topic: door.id, payload } as unknown as Message;
    };

    /** The software's share of a fire release: the lock is told to open, again and again, until the reset. */
    const release = (): void => {
      clearTimeout(releasing);
      if (closed || !watch.fire) return;
      releasing = setTimeout(release, openMs / 2);
      relay?.told(now(), openMs);
      releaseDoor(door.id, "fire").then(
        (moved) => {
          // at a start the relay's node may come after this one
          if (closed || moved > 0 || !watch.fire) return;
          clearTimeout(releasing);
          releasing = setTimeout(release, 200);
        },
        (error) => context.fail(error),
      );
    };

    const fireChanged = (): void => {
      try {
        latch.keep(watch.fire);
      } catch (error) {
        context.fail(error); // the door is released all the same
      }
      tellFire(door.id, watch.fire);
      release();
      context.send([null, { topic: door.id, payload: watch.fire } as unknown as Message]);
    };

    /** @param recorded what the record has already */
    const happened = (events: readonly DoorEvent[], recorded?: Kind): Message[] =>
      events.map(({ kind, detail }) => {
        if (kind === "forced" || kind === "held" || kind === "tamper") alarm = kind;
        if (kind === "closed" || kind === "fire-reset") alarm = undefined; // tampering shows until somebody has been there
        if (kind === "fire" || kind === "fire-reset") fireChanged();
        return tell(kind, detail, kind === recorded);
      });
    /** How a reader is goes to the vault as a level, which records what is news; the flow is told what has changed. */
    const heardOf = (news: readonly Beat[]): Message[] => {
      readers();
      return news.map(({ name, alive }) => {
        const event = alive ? "reader-back" : "reader-silent";
        return { topic: door.id, payload: { event, door: door.id, detail: name } } as unknown as Message;
      });
    };
    /** What the vault was told of those who should be heard from. */
    const lives = new Map<string, boolean>();
    const readers = (): void => {
      for (const { name, alive } of beats.known) {
        if (lives.get(name) === alive) continue;
        lives.set(name, alive);
        recorder.level({ door: door.id, reader: { name, alive } });
      }
    };
    /** What the vault was told of the contact. */
    let stands: DoorWatch["state"] = "unknown";
    const contact = (): void => {
      if (watch.state === "unknown" || watch.state === stands) return;
      stands = watch.state;
      recorder.level({ door: door.id, contact: watch.state });
    };
    /** A vault that has just started knows nothing: whether the door stands open, and who is heard from. */
    const levels = (): void => {
      stands = "unknown";
      contact();
      lives.clear();
      readers();
    };

    /** What is found well for the first time: an alarm from before this start is over. */
    const found = new Set<Kind>();
    const settle = (kind: Kind): void => {
      if (found.has(kind)) return;
      found.add(kind);
      recorder.put({ door: door.id, kind, settles: true });
    };

    const take = (input: DoorInput): Message[] => {
      if (input.input === "contact" && !input.open && watch.state === "unknown") settle("closed");
      if (input.input === "fire") fireInput.take({ name: "fire", alive: true }, now());
      const events = watch.take(input, now());
      if (input.input === "exit" && settings.exit === "unlock") leave();
      const out = happened(events);
      contact();
      return out;
    };

    /** Somebody wants out: the lock first, the record after. */
    const leave = (): void => {
      relay?.told(now(), openMs);
      releaseDoor(door.id, "exit").then(
        (moved) => moved === 0 && context.fail(new LimenError("relay-failed", { status: 502 })),
        (error) => context.fail(error),
      );
    };

    /** What time alone brings. */
    const tick = (): Message[] => {
      const at = now();
      const lost = fireInput.tick(at).flatMap(() => watch.take({ input: "fire-lost" }, at));
      return [
        ...happened([...lost, ...watch.tick(at), ...(relay?.tick(at) ?? [])]),
        ...heardOf(beats.tick(at)),
      ];
    };
    /**
     * Staff end the release from the door wall. The vault checks who asks and records it first; what cannot be recorded ends
     * nothing.
     * @throws LimenError `no-fire` or `fire-stands` (409); what the vault says
     */
    const reset = async ({ auth, reason }: Acts["fire-reset"]): Promise<string> => {
      const refused = (code: string): LimenError => new LimenError(code, { status: 409 });
      if (!watch.fire) throw refused("no-fire");
      if (watch.fireStands) throw refused("fire-stands");
      await ask(context, "fire.reset", { auth, door: door.id, reason });
      // it is on the record already, with who and why
      const out = closed ? [] : happened(watch.take({ input: "fire-reset" }, now()), "fire-reset");
      // the input spoke again meanwhile, or a redeploy came: the door is still released, and the record must say so
      if (watch.fire) out.push(tell("fire", "input"));
      if (!closed) {
        if (out.length > 0) context.send([out, null]);
        rest();
      }
      if (watch.fire) throw refused("fire-stands");
      return door.id;
    };
    const rest = (): void => {
      show();
      clearTimeout(timer);
      const due = Math.min(
        ...[watch.due, beats.due, fireInput.due, relay?.due].map((at) => at ?? Number.POSITIVE_INFINITY),
      );
      if (due === Number.POSITIVE_INFINITY) return;
      timer = setTimeout(
        () => {
          const out = tick();
          if (out.length > 0) context.send([out, null]);
          rest();
        },
        Math.max(10, due - now()),
      );
    };

    // a fire from before the restart comes before anything this flow does
    if (settings.fire !== "none") {
      watch.restore({ fire: latch.set });
      tellFire(door.id, watch.fire);
    }
    if (watch.fire) release();
    const deaf = onOpened(door.id, (ms) => {
      relay?.told(now(), ms);
      const out = take({ input: "granted", ms });
      if (out.length > 0) context.send([out, null]);
      rest();
    });

    /** @returns what happened, for output 1 */
    const took = (heard: Exclude<Input, "unreadable" | undefined>): Message[] => {
      if ("beat" in heard) return heardOf(beats.take(heard.beat, now()));
      if ("relay" in heard) {
        if (relay && !heard.relay && relay.fault === "none") settle("relay-rests");
        return happened(relay?.take(heard.relay, now()) ?? []);
      }
      return take(heard.door);
    };
    const deafToStaff = settings.fire === "none" ? undefined : onAct(door.id, "fire-reset", reset);
    const seen = new Heard();
    const heardSomething = (message: Message): Outputs | undefined => {
      const heard = hear(message, settings);
      notice(seen, heard);
      if (heard === undefined) return undefined;
      if (heard === "unreadable") {
        context.status({ fill: "yellow", shape: "ring", key: "status.unreadable" });
        return undefined;
      }
      const out = took(heard);
      rest();
      return out.length > 0 ? [out, null] : undefined;
    };
    const deafToInputs =
      settings.from === "osdp"
        ? listenToInputs(context, door.id, (topic, payload) => {
            const out = heardSomething({ topic, payload } as Message);
            if (out) context.send(out);
          })
        : undefined;
    rest();

    return {
      panel: { door: door.id, look: () => [{ line: "wires", ...seen.look() }] },
      input: heardSomething,
      close: () => {
        closed = true;
        clearTimeout(timer);
        clearTimeout(releasing);
        deaf();
        deafToInputs?.();
        deafToStaff?.();
        recorder.close();
      },
    };
  },
});

/** For the test panel: the levels as this node understands them. */
function notice(seen: Heard, heard: Input): void {
  if (heard === undefined || heard === "unreadable") return;
  if ("beat" in heard) seen.input(`alive/${heard.beat.name}`, heard.beat.alive);
  else if ("relay" in heard) seen.input("relay", heard.relay);
  else if (heard.door.input === "contact") seen.input("contact", heard.door.open);
  else if (heard.door.input === "fire" || heard.door.input === "tamper")
    seen.input(heard.door.input, heard.door.alarm);
  else if (heard.door.input === "exit") seen.press("exit");
}
