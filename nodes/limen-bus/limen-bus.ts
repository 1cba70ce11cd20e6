import { defineNode } from "../lib/define-node.ts";
import { config, version } from "./config.ts";
import { LcusBus } from "./lcus.ts";
import { ModbusBus } from "./modbus.ts";

/** A relay board on a wire of its own: opened, opened again when it goes, and told OFF before the flow stops. */
export default defineNode({
  type: "limen-bus",
  config,
  version,
  setup: ({ config: { kind, port: path, baud: baudRate, relays } }) => {
    const bus =
      kind === "lcus"
        ? new LcusBus({ path, baudRate, relays }).open()
        : new ModbusBus({ path, baudRate }).open();
    return { service: bus, close: () => bus.close() };
  },
});
