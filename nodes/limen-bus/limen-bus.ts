import type { Static } from "../../core/schema.ts";
import { defineNode } from "../lib/define-node.ts";
import type { OpenBus } from "./bus.ts";
import { config, credentials, version } from "./config.ts";
import { LcusBus } from "./lcus.ts";
import { ModbusBus } from "./modbus.ts";
import { keysOf, OsdpLine } from "./osdp.ts";

/** A line of its own: opened, opened again when it goes, and its relays told OFF before the flow stops. */
export default defineNode({
  type: "limen-bus",
  config,
  version,
  credentials,
  setup: ({ config: settings, credentials: { keys } }) => {
    const bus = open(settings, keys ?? "");
    return { service: bus, close: () => bus.close() };
  },
});

function open(settings: Static<typeof config>, keys: string): OpenBus {
  const { kind, port: path, baud: baudRate, relays, readers } = settings;
  switch (kind) {
    case "lcus":
      return new LcusBus({ path, baudRate, relays }).open();
    case "modbus":
      return new ModbusBus({ path, baudRate }).open();
    case "osdp": {
      const known = keysOf(keys);
      const devices = readers.map(({ address, quirks }) => {
        const key = known.get(address);
        return { address, quirks, ...(key ? { key } : {}) };
      });
      return new OsdpLine({ path, baudRate, devices }).open();
    }
  }
}
