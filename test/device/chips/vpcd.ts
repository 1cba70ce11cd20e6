import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { has, until } from "../lines.ts";
import type { Ev2Card } from "./ev2-card.ts";

const driverPort = 35_963; // vpcd's own; its first virtual reader
const socketPath = "/run/pcscd/pcscd.comm";

/** Whether pcscd and vsmartcard's virtual reader are installed, and this process may start it. */
export const hasVpcd = (): boolean =>
  has("pcscd") &&
  process.getuid?.() === 0 &&
  existsSync("/etc/reader.conf.d") &&
  readdirSync("/etc/reader.conf.d").includes("vpcd");

/** Debian's pcscd with a virtual reader, and the card that lies on it. */
export class VirtualReader {
  #daemon: ChildProcess | undefined;
  #socket: Socket | undefined;
  /** Answers with an ATR of a memory card. */
  atr = Buffer.from("3b8180018080", "hex");

  async start(): Promise<void> {
    this.#daemon = spawn("pcscd", ["--foreground"], { stdio: "ignore" });
    await until(() => existsSync(socketPath), "pcscd");
  }

  /** Puts a card onto the reader. */
  async lay(card: Ev2Card): Promise<void> {
    card.reset();
    const open = (): Promise<Socket | undefined> =>
      new Promise((resolve) => {
        const socket = connect(driverPort, "127.0.0.1");
        socket.once("connect", () => resolve(socket)).once("error", () => resolve(undefined));
      });
    let socket: Socket | undefined;
    await until(async () => {
      socket = await open();
      return socket !== undefined;
    }, "vpcd");
    this.#socket = socket;
    let heard = Buffer.alloc(0);
    const say = (bytes: Buffer): void => {
      const head = Buffer.alloc(2);
      head.writeUInt16BE(bytes.length);
      socket?.write(Buffer.concat([head, bytes]));
    };
    socket
      ?.on("error", () => undefined)
      .on("data", (bytes) => {
        heard = Buffer.concat([heard, bytes]);
        while (heard.length >= 2 && heard.length >= 2 + heard.readUInt16BE(0)) {
          const message = heard.subarray(2, 2 + heard.readUInt16BE(0));
          heard = heard.subarray(2 + message.length);
          if (message.length === 1) {
            if (message[0] === 4) say(this.atr);
            else card.reset(); // off, on, reset
          } else if (message.toString("hex") === "ffca000000")
            say(Buffer.concat([card.uid, Buffer.of(0x90, 0)]));
          else {
            const answer = card.transceive(message);
            if (answer) say(answer);
            else this.lift();
          }
        }
      });
  }

  /** Takes it away. */
  lift(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  async stop(): Promise<void> {
    this.lift();
    const daemon = this.#daemon;
    this.#daemon = undefined;
    if (!daemon || daemon.exitCode !== null) return;
    const gone = new Promise((resolve) => daemon.once("exit", resolve));
    daemon.kill("SIGTERM");
    await gone;
  }
}
