import { LimenError } from "../../errors.ts";
import { type Command, encodeCommand } from "./commands.ts";
import { type Alarm, type DeviceState, eventsOf, type OsdpEvent } from "./events.ts";
import { hasMac, type ReceivedFrame } from "./frame.ts";
import { Handshake, type Secret } from "./handshake.ts";
import type { Random } from "./keys.ts";
import type { Pairing } from "./pairing.ts";
import { RequestQueue, requestFailed, type Waiting } from "./queue.ts";
import type { Quirk } from "./quirks.ts";
import { decodeReply, type Identity, type Reply, refusals } from "./replies.ts";
import { answersTo } from "./requests.ts";
import { type SecureSession, scs } from "./secure-channel.ts";
import { fits, Speaker, type Spoken } from "./speaker.ts";
import { Standing } from "./standing.ts";
import type { Timing } from "./timing.ts";

export interface DeviceOptions {
  address: number;
  /** Its own base key (SCBK); a device without one is knocked at and never believed. */
  key?: Buffer;
  /** What it was when it was paired. Another maker, model or serial is an alarm. */
  identity?: Identity;
  quirks: ReadonlySet<Quirk>;
  timing: Timing;
  random: Random;
  emit(event: OsdpEvent): void;
}

/** What is to be said next: who is there, what it can, the handshake's two steps, then anything under the session. */
type Phase = "knock" | "capabilities" | "challenge" | "prove" | "session";

/** What has been said and not answered yet. A retry is these very bytes: the chain of MACs has moved on with them. */
interface Asked extends Spoken {
  request?: Waiting;
  firstAt: number;
  busy: boolean;
}

const atOnce = Number.NEGATIVE_INFINITY;

/**
 * One device, as a state machine without a line: `next` says what to send, `heard` or `silent` what came of it. Times
 * are monotonic ms. Whoever drives it asks again when `dueAt` has come.
 */
export class Device {
  readonly address: number;
  readonly standing: Standing;
  readonly #options: DeviceOptions;
  readonly #speaker: Speaker;
  readonly #queue = new RequestQueue();
  #key: Buffer | undefined;
  #pairing: Pairing | undefined;
  #phase: Phase = "knock";
  #asked: Asked | undefined;
  #handshake: Handshake | undefined;
  #proof: ReturnType<Handshake["challenge"]> | undefined;
  #session: SecureSession | undefined;
  #sessionAt = 0;
  #polledAt = 0;
  #turnAt = atOnce;
  #notBefore = atOnce;
  #heardAt = atOnce;
  #unanswered = 0;
  #failures = 0;

  constructor(options: DeviceOptions) {
    const { address, key, identity, quirks, timing, emit } = options;
    this.#options = options;
    this.address = address;
    this.#key = key && Buffer.from(key);
    this.#speaker = new Speaker(address, quirks);
    const { outOfService } = timing;
    this.standing = new Standing({ address, state: this.#rest, identity, outOfService, emit });
  }

  /** Its key, for checks against reuse. */
  get key(): Buffer | undefined {
    return this.#key;
  }

  /** When it last said something that counts; never: minus infinity. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** When it last had the line. */
  get turnAt(): number {
    return this.#turnAt;
  }

  /** Asking it may cost the line a whole time-out. */
  get doubtful(): boolean {
    return this.#unanswered > 0 || this.standing.state === "offline" || this.standing.state === "unpaired";
  }

  /** When it wants the line again. */
  get dueAt(): number {
    const { retry, busy, knock, poll } = this.#options.timing;
    if (this.#asked) return this.#turnAt + (this.#asked.busy ? busy : retry);
    if (this.#phase === "knock")
      return Math.max(this.#notBefore, this.#turnAt + (this.#unanswered > 0 || !this.#secret ? knock : 0));
    if (this.#phase === "challenge") return this.#notBefore;
    const believed = this.standing.state === "online"; // until then there is a backlog to get through
    const waits = this.#phase === "session" && believed && this.#queue.length === 0;
    return waits ? this.#polledAt + poll : atOnce;
  }

  /**
   * Says something in the session and answers with the reply. Rejects with LimenError `osdp-command-bad`,
   * `osdp-command-long`, `osdp-offline`, `osdp-busy`, `osdp-expired`, `osdp-refused` (and the device's reason),
   * `osdp-answer`.
   */
  async request(command: Command, now: number): Promise<Reply> {
    if (!fits(command, this.standing.capabilities)) throw new LimenError("osdp-command-long");
    if (this.standing.state !== "online") throw requestFailed("osdp-offline");
    return await this.#queue.add(command, now + this.#options.timing.request);
  }

  get pairing(): Pairing | undefined {
    return this.#pairing;
  }

  /** An operator starts a pairing, or ends it (undefined): from the beginning either way. */
  set pairing(pairing: Pairing | undefined) {
    this.#pairing = pairing;
    this.#leave();
    this.#notBefore = atOnce;
    this.#unanswered = 0;
    this.standing.become(this.#rest);
  }

  /** The line has stopped, and may start again: nothing waits any more. */
  stop(): void {
    this.#pairing?.end("stopped");
    this.pairing = undefined; // also puts everything back to its beginning
    this.#turnAt = atOnce;
  }

  /** The bytes to send now: those of an unanswered command again, or the next. */
  next(now: number): Buffer {
    this.#turnAt = now;
    this.#queue.expire(now);
    this.standing.watch(now); // also one that was never given a key: no door that relies on it opens
    this.#asked ??= { ...this.#compose(now), firstAt: now, busy: false };
    this.#asked.busy = false;
    return this.#asked.bytes;
  }

  /** A frame came from the line. @returns whether it ended the turn; if not, the answer may still come */
  heard(frame: ReceivedFrame, now: number): boolean {
    const asked = this.#asked;
    if (!asked || frame.address !== this.address || !frame.reply) return false;
    const clear = frame.scb ? undefined : decodeReply(frame.id, frame.data);
    if (clear?.kind === "busy" && (frame.sequence === 0 || frame.sequence === asked.sequence)) {
      asked.busy = true; // anyone on the line can say so: it buys time, not belief
      if (now - asked.firstAt >= this.#options.timing.lost) this.#lose();
      return true;
    }
    if (frame.sequence !== asked.sequence) return false;
    let fault: Alarm | undefined;
    if (clear?.kind === "nak" && clear.code === refusals.check) this.silent(now);
    else if (this.#session) fault = this.#inSession(this.#session, frame, clear, asked, now);
    else if (this.#handshake) fault = this.#inHandshake(this.#handshake, frame, now);
    else this.#introduced(clear, now);
    if (fault) this.#failed(fault, now);
    return true;
  }

  /** No answer came in time. */
  silent(now: number): void {
    const { lost, lostTries } = this.#options.timing;
    this.#unanswered++;
    if (this.#phase === "knock") this.#asked = undefined;
    const quiet = this.#unanswered >= 2 && now - this.#heardAt >= lost;
    if (this.#unanswered >= lostTries || quiet) this.#lose();
  }

  /** Nobody on the line has been heard for a while: this one is as gone as the others. */
  lineDead(): void {
    if (this.standing.state === "online" || this.standing.state === "connecting") this.#lose();
  }

  get #rest(): DeviceState {
    return this.#pairing ? "pairing" : this.#key ? "offline" : "unpaired";
  }

  get #secret(): Secret | undefined {
    return this.#pairing?.secret ?? (this.#key && { slot: 1, key: this.#key });
  }

  /** In a session whose one purpose is KEYSET. */
  get #owesKey(): boolean {
    return this.#session !== undefined && this.#pairing !== undefined && !this.#pairing.given;
  }

  #compose(now: number): Spoken & { request?: Waiting } {
    switch (this.#phase) {
      case "knock":
        return this.#speaker.plain(0, encodeCommand({ kind: "id" }));
      case "capabilities":
        return this.#speaker.plain(1, encodeCommand({ kind: "capabilities" }));
      case "challenge": {
        const { random, quirks, timing } = this.#options;
        this.#notBefore = now + timing.handshake;
        this.#handshake = new Handshake(this.#secret!, random(8), quirks.has("any-rmac-status"));
        return this.#speaker.plain(0, this.#handshake.challenge());
      }
      case "prove":
        return this.#speaker.plain(1, this.#proof!);
      case "session": {
        if (this.#owesKey)
          return this.#speaker.secured(this.#session!, { kind: "key-set", key: this.#pairing!.key });
        // however much it is told, it is also listened to
        const overdue = now - this.#polledAt >= 2 * this.#options.timing.poll;
        const request = overdue ? undefined : this.#queue.take(now);
        if (!request) this.#polledAt = now;
        const spoken = this.#speaker.secured(this.#session!, request?.command ?? { kind: "poll" });
        return request ? { ...spoken, request } : spoken;
      }
    }
  }

  #answered(now: number): void {
    this.#asked = undefined;
    this.#heardAt = now;
    this.#unanswered = 0;
  }

  /** The answer to ID or CAP, in clear. Nothing that is said here opens a door. */
  #introduced(clear: Reply | undefined, now: number): void {
    const expected = this.#phase === "knock" ? "identity" : "capabilities";
    if (clear?.kind !== expected && clear?.kind !== "nak") {
      if (clear?.kind === "card" || clear?.kind === "keys") this.standing.alarm("clear-frame");
      this.silent(now);
      return;
    }
    this.#answered(now);
    if (clear.kind === "identity") this.standing.see(clear.identity, this.#pairing !== undefined);
    if (clear.kind === "capabilities") this.standing.learn(clear.capabilities, this.#pairing === undefined);
    if (!this.#secret) return;
    if (this.standing.state === "offline") this.standing.become("connecting");
    this.#phase = this.#phase === "knock" ? "capabilities" : "challenge";
  }

  #inHandshake(handshake: Handshake, frame: ReceivedFrame, now: number): Alarm | undefined {
    this.#answered(now);
    if (this.#phase === "challenge") {
      const proof = handshake.prove(frame);
      if ("fault" in proof) return proof.fault;
      this.#proof = proof;
      this.#phase = "prove";
      return undefined;
    }
    const session = handshake.finish(frame);
    if ("fault" in session) return session.fault;
    this.#session = session;
    this.#sessionAt = now;
    this.#polledAt = atOnce;
    this.#phase = "session";
    this.#handshake = this.#proof = undefined;
    const pairing = this.#pairing;
    if (pairing && !pairing.given) return undefined;
    if (pairing) this.#key = Buffer.from(pairing.key);
    this.#pairing = undefined;
    if (this.standing.state !== "online") this.standing.become("connecting");
    pairing?.done(this.standing.identity);
    return undefined;
  }

  /**
   * A session under its own key is new. What the reader kept while nobody listened is no card at the door now: it is let
   * go, and the reader is believed from its first empty answer on.
   */
  #emptied(reply: Reply | undefined, now: number): void {
    if (reply?.kind !== "ack") return;
    this.standing.usable(now);
    for (const kind of ["local-status", "input-status"] as const)
      this.#queue.add({ kind }, now + this.#options.timing.request).catch(() => undefined); // not every device has any
    this.standing.become("online");
  }

  #inSession(
    session: SecureSession,
    frame: ReceivedFrame,
    clear: Reply | undefined,
    asked: Asked,
    now: number,
  ): Alarm | undefined {
    if (!hasMac(frame.scb)) {
      const nak = clear?.kind === "nak" ? clear.code : undefined;
      const lost = nak === refusals.security || nak === refusals.sequence;
      return lost ? "session-lost" : "clear-frame";
    }
    const unsealed = session.unseal(frame);
    if (!unsealed) return "bad-mac";
    this.#answered(now);
    if (now - this.#sessionAt >= this.#options.timing.calm) this.#failures = 0;
    const reply = decodeReply(unsealed.id, unsealed.data);
    if (this.#pairing) return this.#keyAnswered(this.#pairing, reply, now);
    const said = reply && this.#allowed(frame.scb?.type, reply) ? reply : undefined;
    if (this.standing.state !== "online") {
      this.#emptied(said, now);
      return undefined;
    }
    this.standing.usable(now);
    this.#believe(said, asked);
    this.#renew(now);
    return undefined;
  }

  /** A device seals with MAC alone what has no data, and encrypts the rest; a quirk may leave a status open. */
  #allowed(type: number | undefined, reply: Reply): boolean {
    if (type === scs.deviceSealed) return true;
    const bare = reply.kind === "ack" || reply.kind === "nak" || reply.kind === "busy";
    if (type === scs.deviceMac && bare) return true;
    const open = type === scs.deviceMac || type === scs.panelMac;
    return open && this.#options.quirks.has("open-status") && (bare || reply.kind.endsWith("-status"));
  }

  #believe(reply: Reply | undefined, { request }: Asked): void {
    if (!reply || reply.kind === "formatted-card") this.standing.alarm("unexpected-answer");
    else for (const event of eventsOf(this.address, reply)) this.#options.emit(event);
    if (!request) return;
    if (reply?.kind === "nak") request.reject(requestFailed("osdp-refused", { reason: reply.code }));
    else if (reply && answersTo(request.command, reply)) request.resolve(reply);
    else request.reject(requestFailed("osdp-answer"));
  }

  #keyAnswered(pairing: Pairing, reply: Reply | undefined, now: number): Alarm | undefined {
    if (reply?.kind !== "ack") return "secure-channel-refused";
    pairing.give();
    this.#leave();
    this.#phase = "challenge";
    this.#notBefore = now;
    return undefined;
  }

  /** A session does not last for ever: its MACs are short. */
  #renew(now: number): void {
    if (now - this.#sessionAt < this.#options.timing.session || this.#queue.length > 0) return;
    this.#session?.end();
    this.#session = undefined;
    this.#phase = "challenge";
  }

  /** The session or the handshake is over for a reason that noise does not have. */
  #failed(reason: Alarm, now: number): void {
    const { handshake, longestHandshake } = this.#options.timing;
    this.#failures++;
    this.#notBefore = now + Math.min(handshake * 2 ** (this.#failures - 1), longestHandshake);
    this.#unanswered = 0;
    const unsure = this.#owesKey && this.#asked !== undefined;
    this.#leave();
    if (this.#pairing) {
      this.#pairing.failed(reason);
      if (unsure) this.#pairing.give();
      this.#notBefore = now + handshake;
      return;
    }
    this.standing.become("connecting");
    this.standing.alarm(reason);
    if (this.#failures % 3 === 0) this.standing.alarm("handshakes-failing");
  }

  /** It does not answer any more. */
  #lose(): void {
    if (this.#owesKey && this.#asked) this.#pairing?.give(); // it may have heard it; only a handshake tells
    this.#leave();
    this.#unanswered = Math.max(this.#unanswered, 1);
    this.standing.become(this.#rest);
  }

  /** Back to the beginning. What was asked for is not said later. */
  #leave(): void {
    this.#session?.end();
    this.#session = this.#handshake = this.#proof = undefined;
    this.#asked?.request?.reject(requestFailed("osdp-offline"));
    this.#asked = undefined;
    this.#queue.clear("osdp-offline");
    this.#phase = "knock";
  }
}
