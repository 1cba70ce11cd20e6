import { SerialPort } from "serialport";

export interface SerialLineOptions {
  path: string;
  baudRate: number;
  /** The port has opened; write with the given function, which resolves when the bytes have left. */
  up(write: (bytes: Uint8Array) => Promise<void>): void;
  /** It is gone, or could not be opened. */
  down(): void;
  data?(bytes: Buffer): void;
}

const firstPauseMs = 100;
const longestPauseMs = 2000;

/**
 * A serial port that is opened again whenever it goes, with a growing pause. It is always read from: a port that is
 * only written to does not notice that its other end was pulled out.
 */
export class SerialLine {
  readonly #options: SerialLineOptions;
  #port: SerialPort | undefined;
  #pause = firstPauseMs;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SerialLineOptions) {
    this.#options = options;
  }

  open(): this {
    this.#open();
    return this;
  }

  /** Resolves when the port is free again. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const port = this.#port;
    if (!port?.isOpen) return;
    await new Promise<void>((resolve) => port.close(() => resolve()));
  }

  #open(): void {
    const { path, baudRate, up, down, data } = this.#options;
    const port = new SerialPort({ path, baudRate, autoOpen: false });
    this.#port = port;
    let opened = false;
    const lost = (): void => {
      if (this.#port !== port) return;
      this.#port = undefined;
      if (opened) down();
      this.#again();
    };
    port.on("data", (bytes: Buffer) => data?.(bytes));
    port.on("error", () => undefined); // the close that follows, or the failed write, says it
    port.on("close", lost);
    port.open((error) => {
      if (error) return lost();
      opened = true;
      this.#pause = firstPauseMs;
      up((bytes) => writeTo(port, bytes));
    });
  }

  #again(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => this.#open(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, longestPauseMs);
  }
}

/** Resolves when the bytes have left the port. */
const writeTo = (port: SerialPort, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    const done = (error: Error | null | undefined): void => (error ? reject(error) : resolve());
    port.write(Buffer.from(bytes), (error) => (error ? reject(error) : port.drain(done)));
  });
