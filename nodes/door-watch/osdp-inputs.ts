import type { OsdpEvent } from "../../core/devices/osdp/index.ts";
import type { NodeContext } from "../lib/types.ts";
import type { Readers } from "../limen-bus/osdp.ts";

/** A level that somebody relies on is told again this often while the reader is there, ms. */
const againMs = 2000;

export interface OsdpInputs {
  bus: string;
  unit: number;
  /** Inputs of the reader, from 1; 0: none. */
  contactInput: number;
  exitInput: number;
  fireInput: number;
}

/**
 * Inputs of an OSDP reader as the messages `hear` takes: a level for the contact and for fire, a press for the exit
 * button. Only what came out of a secure session is told, and nothing is repeated of a reader that is away: a fire
 * input that falls silent is then noticed as silence.
 * @returns stops listening @throws LimenError `config-missing`, or `osdp-address` for one the line does not have
 */
export function listenToInputs(
  { need, config }: Pick<NodeContext<OsdpInputs>, "need" | "config">,
  door: string,
  tell: (topic: "contact" | "exit" | "fire", level: boolean) => void,
): () => void {
  const { bus, unit, contactInput, exitInput, fireInput } = config;
  let inputs: readonly boolean[] | undefined;
  const level = (input: number): boolean | undefined => (input === 0 ? undefined : inputs?.[input - 1]);
  const levels = (): void => {
    for (const [topic, input] of [
      ["fire", fireInput], // before anything else
      ["contact", contactInput],
    ] as const) {
      const now = level(input);
      if (now !== undefined) tell(topic, now);
    }
  };
  const hear = (event: OsdpEvent): void => {
    if (event.kind === "state" && event.state !== "online") inputs = undefined;
    if (event.kind !== "inputs") return;
    // a button that was down when the reader came back is no press
    const pressed = level(exitInput) === false && event.inputs[exitInput - 1] === true;
    inputs = event.inputs;
    levels();
    if (pressed) tell("exit", true);
  };
  const again = setInterval(levels, againMs);
  const readers = need<Readers>(bus);
  const deaf = readers.onReader(unit, hear);
  const unwatched = readers.watch(unit, door, []);
  return () => {
    clearInterval(again);
    deaf();
    unwatched();
  };
}
