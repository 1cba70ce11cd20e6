/**
 * An OSDP v2.2 control panel (IEC 60839-11-5).
 *
 *     const bus = createOsdpBus({ port, clock, timers, devices: [{ address: 0, key }], onEvent });
 *     bus.start();
 *     for (const request of feedback("granted")) await bus.send(0, request);
 *     await bus.send(0, { kind: "pulse", output: 0, ms: 5000 });
 *     const { key, identity } = await bus.pair(1, { keep: (key) => store(key) });
 *     bus.stop();
 */
export {
  createOsdpBus,
  type DeviceView,
  type OsdpBus,
  type OsdpBusOptions,
  type OsdpDevice,
} from "./bus.ts";
export { displayed } from "./display.ts";
export type { Alarm, DeviceState, OsdpEvent } from "./events.ts";
export { type Feedback, feedback } from "./feedback.ts";
export { checkKey } from "./keys.ts";
export type { OsdpPort } from "./line.ts";
export type { PairOptions } from "./pair.ts";
export type { Paired } from "./pairing.ts";
export { type Quirk, quirks } from "./quirks.ts";
export { readingOf } from "./reading.ts";
export type { Capability, Identity, Reply } from "./replies.ts";
export type { Request } from "./requests.ts";
export { defaultTiming, type Timing } from "./timing.ts";
