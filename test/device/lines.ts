import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SerialPort } from "serialport";

export const has = (program: string): boolean => spawnSync("which", [program]).status === 0;

/** Waits until something holds; the deadline only ends a test that hangs. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  ms = 10_000,
): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A serial line without hardware: two pseudo-terminals joined by socat. `near` is ours, `far` is the device's. */
export class PtyLine {
  readonly near: string;
  readonly far: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "limen-line-"));
  #socat: ChildProcess | undefined;

  constructor() {
    this.near = join(this.#folder, "near");
    this.far = join(this.#folder, "far");
  }

  async plug(): Promise<this> {
    const end = (link: string) => `pty,raw,echo=0,link=${link}`;
    this.#socat = spawn("socat", [end(this.near), end(this.far)], { stdio: "ignore" });
    await until(() => existsSync(this.near) && existsSync(this.far), "the line");
    return this;
  }

  /** Both ends hang up, as when a USB adapter is pulled out. */
  async unplug(): Promise<void> {
    const socat = this.#socat;
    if (!socat) return;
    this.#socat = undefined;
    const gone = new Promise((resolve) => socat.once("exit", resolve));
    socat.kill();
    await gone;
    for (const link of [this.near, this.far]) rmSync(link, { force: true });
  }

  async remove(): Promise<void> {
    await this.unplug();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The device's end of a line: what it was sent, in hex, and a way to say something. */
export class FarEnd {
  readonly port: SerialPort;
  received = "";

  private constructor(port: SerialPort) {
    this.port = port;
    port.on("data", (bytes: Buffer) => {
      this.received += bytes.toString("hex");
    });
    port.on("error", () => undefined);
  }

  static open(path: string, baudRate = 9600): Promise<FarEnd> {
    const port = new SerialPort({ path, baudRate, autoOpen: false });
    const end = new FarEnd(port);
    return new Promise((resolve, reject) => port.open((error) => (error ? reject(error) : resolve(end))));
  }

  say(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) =>
      this.port.write(Buffer.from(bytes), (error) => (error ? reject(error) : resolve())),
    );
  }

  close(): Promise<void> {
    if (!this.port.isOpen) return Promise.resolve();
    return new Promise((resolve) => this.port.close(() => resolve()));
  }
}

/** The board at the far end: the frames it got, and which relays are on now. */
export const relaysOn = (received: string): Set<number> => {
  const on = new Set<number>();
  for (const frame of received.match(/a0[0-9a-f]{6}/g) ?? []) {
    const channel = Number.parseInt(frame.slice(2, 4), 16);
    if (frame.slice(4, 6) === "01") on.add(channel);
    else on.delete(channel);
  }
  return on;
};
