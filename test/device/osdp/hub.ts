import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../lines.ts";

/**
 * A multi-drop line of pseudo-terminals: what one end says, all others hear. With a man in the middle, whose hands are
 * `toPanel` and `toDevices`: they get every whole frame and say what goes on in its place.
 */
export class PtyHub {
  /** An adapter that hears itself. */
  echo = false;
  toPanel: (frame: Buffer) => Buffer[] = (frame) => [frame];
  toDevices: (frame: Buffer) => Buffer[] = (frame) => [frame];
  /** All that was said, in hex, in order. */
  readonly heard: { by: string; hex: string }[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "limen-hub-"));
  readonly #ends = new Map<string, ChildProcess>();
  readonly #unfinished = new Map<string, Buffer>();

  /** Where an end's serial port is. The panel's end is called "panel". */
  path(name: string): string {
    return join(this.#folder, name);
  }

  async plug(name: string): Promise<string> {
    const path = this.path(name);
    const end = spawn("socat", [`pty,raw,echo=0,link=${path}`, "-"], { stdio: ["pipe", "pipe", "ignore"] });
    end.stdin?.on("error", () => undefined);
    end.stdout?.on("data", (bytes: Buffer) => this.#said(name, bytes));
    this.#ends.set(name, end);
    await until(() => existsSync(path), `the end ${name}`);
    return path;
  }

  /** That end hangs up, as when an adapter or a cable is pulled out. */
  async unplug(name: string): Promise<void> {
    const end = this.#ends.get(name);
    if (!end) return;
    this.#ends.delete(name);
    this.#unfinished.delete(name);
    const gone = new Promise((resolve) => end.once("exit", resolve));
    end.kill();
    await gone;
    rmSync(this.path(name), { force: true });
  }

  async remove(): Promise<void> {
    for (const name of [...this.#ends.keys()]) await this.unplug(name);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The man in the middle speaks up. */
  say(to: string, bytes: Buffer): void {
    this.#ends.get(to)?.stdin?.write(bytes);
  }

  #said(by: string, bytes: Buffer): void {
    if (by === "panel" && this.echo) this.say("panel", bytes);
    let rest = Buffer.concat([this.#unfinished.get(by) ?? Buffer.alloc(0), bytes]);
    for (;;) {
      const start = rest.indexOf(0x53);
      if (start < 0 || rest.length < start + 4) break;
      const end = start + rest.readUInt16LE(start + 2);
      if (rest.length < end) break;
      this.#frame(by, rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    this.#unfinished.set(by, rest);
  }

  #frame(by: string, frame: Buffer): void {
    this.heard.push({ by, hex: frame.toString("hex") });
    if (by !== "panel") for (const bytes of this.toPanel(frame)) this.say("panel", bytes);
    const others = [...this.#ends.keys()].filter((name) => name !== by && name !== "panel");
    const passed = by === "panel" ? this.toDevices(frame) : [frame];
    for (const name of others) for (const bytes of passed) this.say(name, bytes);
  }
}
