import { systemClock } from "../../core/clock.ts";
import { HostTimedRelays, systemTimers } from "../../core/devices/relays/host-timed.ts";
import { encodeLcus } from "../../core/devices/relays/lcus.ts";
import { isLate, type KeeperAnswer, type KeeperOrder, type KeeperSettings } from "./keeper-protocol.ts";
import { SerialLine } from "./serial-line.ts";

/*
 * The process that holds a relay board which times nothing itself. It does nothing else, so that a pulse ends on time
 * while Node-RED is busy, hangs, crashes or is killed: when the channel to its parent closes, it says OFF and goes. Only
 * a relay that fire holds is left as it is.
 */

const { path, baudRate, relays: count, held } = JSON.parse(process.argv[2] ?? "{}") as KeeperSettings;
/** After a signal from outside: long enough for the parent to end in its own time. */
const graceMs = 2000;

const tell = (answer: KeeperAnswer): void => {
  if (process.connected) process.send?.(answer, undefined, undefined, () => undefined);
};

const relays = new HostTimedRelays({
  encode: encodeLcus,
  channels: Array.from({ length: count }, (_, at) => at + 1),
  held,
  clock: systemClock,
  timers: systemTimers,
});

const line = new SerialLine({
  path,
  baudRate,
  up: (write) => {
    relays.lineUp({ write }).then(
      () => tell({ up: relays.up }),
      () => undefined,
    );
  },
  down: () => {
    relays.lineDown();
    tell({ up: false });
  },
}).open();

async function end(): Promise<void> {
  await relays.close();
  await line.close();
}

async function obey(order: KeeperOrder): Promise<void> {
  // this process may have been held up: what opens now was asked for by somebody who stands there now
  if (isLate(order, systemClock.monotonic())) throw new Error("late");
  switch (order.do) {
    case "pulse":
      return await relays.pulse(order.channel, order.ms);
    case "off":
      return await relays.off(order.channel);
    case "hold":
      return await relays.hold(order.channel);
    case "free":
      return await relays.free(order.channel);
    case "close":
      return await end();
  }
}

process.on("message", (order: KeeperOrder) => {
  obey(order)
    .then(
      () => tell({ n: order.n, ok: true }),
      () => tell({ n: order.n, ok: false }),
    )
    .finally(() => {
      if (order.do === "close") process.disconnect();
    });
});

const leave = (): void => {
  end().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.on("disconnect", leave);
// a signal to the whole group (Ctrl-C, systemd) reaches us before the parent has closed: OFF now, and let it finish
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    tell({ up: false });
    relays.close().catch(() => undefined);
    setTimeout(leave, graceMs).unref();
  });
}
