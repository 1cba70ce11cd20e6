// Stands for Node-RED in a test that kills it: opens the line named on the command line and starts one long pulse.
import { LcusBus } from "../../nodes/limen-bus/lcus.ts";

const bus = new LcusBus({ path: process.argv[2]!, baudRate: 9600, relays: 1 });
bus.onState((up) => {
  if (!up) return;
  bus.pulse(1, 1, Number(process.argv[3])).then(
    () => process.send?.("on"),
    () => process.send?.("failed"),
  );
});
bus.open();
