import { connect, type Socket } from "node:net";
import { type ChipReaderEvents, cardTorn, type PresentCard } from "../../core/devices/cards/chip-reader.ts";
import {
  answerLength,
  askConnect,
  askContext,
  askDisconnect,
  askReaders,
  askTransmit,
  askVersion,
  type commands,
  connectionOf,
  contextOf,
  type PcscReader,
  protocol,
  readersOf,
  transmittedOf,
  versionOf,
} from "../../core/devices/cards/pcsc-messages.ts";

export interface PcscOptions extends ChipReaderEvents {
  /** Part of the reader's name; `*` for whichever is there. */
  reader: string;
  /** Where pcscd listens. */
  socket?: string;
  pollMs?: number;
}

/** Where distributions have it; pcsc-lite's own variable names another. */
const usual = "/run/pcscd/pcscd.comm";
const answerMs = 3000;
const retryMs = 1000;
/** "Get data": a contactless reader answers with the card's UID by itself (PC/SC part 3, 3.2.2.1.3). */
const getUid = Buffer.from("ffca000000", "hex");

/**
 * A contactless reader behind pcscd, spoken to on its own socket: no library to build, and nothing to install but what the
 * reader needs anyway. pcscd may be restarted and the reader pulled out at any time.
 */
export class PcscHost {
  readonly #options: Required<PcscOptions>;
  #daemon: Daemon | undefined;
  #online = false;
  #closed = false;
  #running: Promise<void> | undefined;
  #last: { events: number; uid: Buffer } | undefined;
  #sleeping: (() => void) | undefined;

  constructor(options: PcscOptions) {
    this.#options = { socket: process.env.PCSCLITE_CSOCK_NAME ?? usual, pollMs: 150, ...options };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when the reader is free for others. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#daemon?.end();
    this.#sleeping?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        this.#daemon ??= await Daemon.open(this.#options.socket);
        await this.#look(this.#daemon);
        await this.#sleep(this.#options.pollMs);
      } catch {
        this.#daemon?.end();
        this.#daemon = undefined;
        this.#tell(false);
        await this.#sleep(retryMs);
      }
    }
  }

  async #look(daemon: Daemon): Promise<void> {
    const wanted = this.#options.reader;
    const readers = await daemon.readers();
    const reader = readers.find(({ name }) => wanted === "*" || name.includes(wanted));
    this.#tell(reader !== undefined);
    if (!reader?.present) {
      this.#last = undefined;
      return;
    }
    if (this.#last?.events !== reader.events) {
      this.#last = undefined;
      const uid = await uidOf(daemon, reader);
      if (uid) this.#last = { events: reader.events, uid };
    }
    if (this.#last) await this.#visit(daemon, reader, this.#last.uid);
  }

  async #visit(daemon: Daemon, reader: PcscReader, uid: Buffer): Promise<void> {
    let connection: Connection | undefined;
    let over = false;
    const card: PresentCard = {
      uid,
      talks: reader.talks,
      exchange: async (apdu) => {
        if (over) throw cardTorn();
        connection ??= await daemon.connect(reader.name);
        const answer = connection && (await daemon.transmit(connection, apdu));
        if (!answer) throw cardTorn();
        return answer;
      },
    };
    await this.#options.card(card);
    over = true;
    if (connection) await daemon.disconnect(connection);
  }

  #tell(online: boolean): void {
    if (online === this.#online) return;
    this.#online = online;
    this.#options.state(online);
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#sleeping = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** @returns undefined for what is no contactless card, or has gone */
async function uidOf(daemon: Daemon, { name }: PcscReader): Promise<Buffer | undefined> {
  const connection = await daemon.connect(name);
  if (!connection) return undefined;
  const answer = await daemon.transmit(connection, getUid);
  await daemon.disconnect(connection);
  const uid = answer?.subarray(0, -2);
  const sound = uid && [4, 7, 10].includes(uid.length) && answer!.subarray(-2).equals(Buffer.of(0x90, 0x00));
  return sound ? Buffer.from(uid) : undefined;
}

type Connection = { card: number; active: number };

/** One conversation with pcscd: a request, then its answer, one at a time. Every method throws when it has ended. */
class Daemon {
  readonly #socket: Socket;
  #heard = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #context = 0;
  #ended = false;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes) => {
      this.#heard = Buffer.concat([this.#heard, bytes]);
      this.#wake?.();
    });
    socket.on("error", () => undefined); // the close that follows says it
    socket.on("close", () => this.end());
  }

  /** @throws when nobody listens there, or what listens is not pcscd as we know it */
  static async open(path: string): Promise<Daemon> {
    const first = await Daemon.#begin(path, protocol.minor);
    if (first.daemon) return first.daemon;
    // an older or newer minor version says its own; what we ask has been the same in all of them
    const second = first.minor === undefined ? first : await Daemon.#begin(path, first.minor);
    if (!second.daemon) throw new Error("pcscd speaks another protocol");
    return second.daemon;
  }

  static async #begin(path: string, minor: number): Promise<{ daemon?: Daemon; minor?: number }> {
    const daemon = new Daemon(connect(path));
    try {
      const version = versionOf(await daemon.#ask("version", askVersion(minor)));
      if (!version.ok) {
        daemon.end();
        return version.major === protocol.major ? { minor: version.minor } : {};
      }
      const context = contextOf(await daemon.#ask("establish", askContext()));
      if (context === undefined) throw new Error("pcscd gives no context");
      daemon.#context = context;
      return { daemon };
    } catch (error) {
      daemon.end();
      throw error;
    }
  }

  async readers(): Promise<PcscReader[]> {
    return readersOf(await this.#ask("readers", askReaders()));
  }

  async connect(reader: string): Promise<Connection | undefined> {
    return connectionOf(await this.#ask("connect", askConnect(this.#context, reader)));
  }

  async transmit({ card, active }: Connection, apdu: Uint8Array): Promise<Buffer | undefined> {
    return await this.#inTurn(async () => {
      const length = transmittedOf(await this.#send("transmit", askTransmit(card, active, apdu)));
      return length === undefined ? undefined : await this.#read(length);
    });
  }

  async disconnect({ card }: Connection): Promise<void> {
    await this.#ask("disconnect", askDisconnect(card));
  }

  end(): void {
    this.#ended = true;
    this.#socket.destroy();
    this.#wake?.();
  }

  async #ask(command: keyof typeof commands, request: Buffer): Promise<Buffer> {
    return await this.#inTurn(() => this.#send(command, request));
  }

  async #send(command: keyof typeof commands, request: Buffer): Promise<Buffer> {
    if (this.#ended) throw new Error("pcscd has gone");
    this.#heard = Buffer.alloc(0);
    this.#socket.write(request);
    return await this.#read(answerLength[command]);
  }

  async #read(length: number): Promise<Buffer> {
    const late = setTimeout(() => this.end(), answerMs);
    while (this.#heard.length < length && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    clearTimeout(late);
    if (this.#heard.length < length) throw new Error("pcscd has gone");
    const bytes = this.#heard.subarray(0, length);
    this.#heard = this.#heard.subarray(length);
    return bytes;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine.catch(() => undefined);
    return await mine;
  }
}
