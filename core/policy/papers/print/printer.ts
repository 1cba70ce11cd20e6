import { once } from "node:events";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { LimenError } from "../../../errors.ts";
import type { Document } from "../document.ts";
import type { PrintOptions } from "./pdf.ts";

export interface PrintJob {
  document: Document;
  options: PrintOptions;
}

const file = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
let last: Promise<unknown> = Promise.resolve();

/**
 * A paper as a PDF, made in a thread of its own: cutting fonts takes longer than a card at a door may wait. One at a time.
 * @throws LimenError `print-failed`
 */
export function printPdf(document: Document, options: PrintOptions): Promise<Buffer> {
  const job = last.then(() => run({ document, options }));
  last = job.catch(() => undefined);
  return job;
}

async function run(job: PrintJob): Promise<Buffer> {
  const worker = new Worker(file, { workerData: job });
  try {
    const [pdf] = (await once(worker, "message")) as [Uint8Array];
    return Buffer.from(pdf);
  } catch (cause) {
    throw new LimenError("print-failed", { status: 500, cause });
  } finally {
    await worker.terminate();
  }
}
