import { parentPort, workerData } from "node:worker_threads";
import { toPdf } from "./pdf.ts";
import type { PrintJob } from "./printer.ts";

const { document, options } = workerData as PrintJob;
const pdf = await toPdf(document, options);
parentPort?.postMessage(pdf);
