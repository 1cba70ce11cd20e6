import { feedback } from "../../core/devices/osdp/index.ts";
import type { Static } from "../../core/schema.ts";
import { defineNode } from "../lib/define-node.ts";
import { osdpLook, type Panel, signalAt } from "../lib/panel.ts";
import { channelsUnderFire } from "../relay-out/fire.ts";
import type { OpenBus } from "./bus.ts";
import { PcscLine, Pn532Line } from "./chip-lines.ts";
import { config, credentials, version } from "./config.ts";
import { useKeys } from "./key-uses.ts";
import { LcusBus } from "./lcus.ts";
import { ModbusBus } from "./modbus.ts";
import { OsdpLine } from "./osdp.ts";
import { ReaderHealth } from "./reader-health.ts";
import { ReaderKeys } from "./reader-keys.ts";

/** A line of its own: opened, opened again when it goes, and its relays told OFF before the flow stops. */
export default defineNode({
  type: "limen-bus",
  config,
  version,
  credentials,
  setup: (context) => {
    const { RED, id, config: settings } = context;
    const { keys = "" } = context.credentials;
    let forget = (): void => undefined;
    const keysOf = (): ReaderKeys => {
      const ours = new ReaderKeys(RED, id, keys);
      forget = useKeys(
        id,
        settings.readers.flatMap(({ address }) => ours.of(address).key ?? []),
      );
      return ours;
    };
    const bus = open(settings, {
      keysOf,
      underFire: () => channelsUnderFire(RED, id),
      health: (name) => new ReaderHealth(context, `${name} ${id}`),
    });
    const panel: Panel = {
      look: () =>
        bus instanceof OsdpLine ? bus.readers.map(osdpLook) : [{ line: bus.up ? "online" : "offline" }],
      ...(bus instanceof OsdpLine && {
        signal: (unit) => signalAt(bus, unit ?? -1, feedback("test")),
      }),
    };
    return {
      service: bus,
      panel,
      close: async () => {
        forget();
        await bus.close();
      },
    };
  },
});

interface Means {
  keysOf(): ReaderKeys;
  underFire(): number[];
  health(name: string): ReaderHealth;
}

function open(settings: Static<typeof config>, { keysOf, underFire, health }: Means): OpenBus {
  const { kind, port: path, baud: baudRate, relays, readers } = settings;
  switch (kind) {
    case "lcus":
      return new LcusBus({ path, baudRate, relays, held: underFire() }).open();
    case "modbus":
      return new ModbusBus({ path, baudRate }).open();
    case "pn532":
      return new Pn532Line({ path, baudRate, health: health("pn532") }).open();
    case "pcsc":
      return new PcscLine(path, health("pcsc")).open();
    case "osdp": {
      const keys = keysOf();
      const devices = readers.map(({ address, quirks }) => ({ address, quirks, ...keys.of(address) }));
      const one = (address: number) => health(`osdp ${address}`);
      return new OsdpLine({ path, baudRate, devices, keys, health: one }).open();
    }
  }
}
