import type { ConfigNode, Graph, Vertex } from "./graph/types.ts";

/** The door a node is set to, if that door runs. */
export const doorOf = (graph: Graph, vertex: Vertex): ConfigNode | undefined =>
  graph.config(vertex.config.door, "limen-door", vertex);

/** A door's id as the installer typed it: what the record and the pages call it. */
export const doorId = (door: ConfigNode): string =>
  typeof door.config.door === "string" && door.config.door !== "" ? door.config.door : door.id;

/** What people call a door. */
export const doorName = (door: ConfigNode): string =>
  typeof door.config.name === "string" && door.config.name !== "" ? door.config.name : doorId(door);

/** A switch in a node's settings: the editor writes booleans, the environment text. */
export const isOn = (value: unknown): boolean => value === true || value === "true";

/** A keypad that only takes the code after another way: a second credential, and no way in of its own. */
export const isSecondOnly = ({ type, config }: Vertex): boolean =>
  type === "pin-read" && config.use === "after";

/** A reader at the desk, where cards are written and given: it begins nothing at a door. */
export const isAtDesk = ({ type, config }: Vertex): boolean =>
  type === "card-read" && config.format === "chip" && config.place === "desk";

/** A pass-read that residents' own pages open by: their press reaches it without a wire. */
export const takesPhones = ({ type, config }: Vertex): boolean =>
  type === "pass-read" && ["by-class", "at-door", "anywhere"].includes(String(config.phone));
