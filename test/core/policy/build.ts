/** A node of a flow under test; tests change what they please. */
export interface AnyNode {
  id: string;
  type: string;
  wires?: string[][];
  [field: string]: unknown;
}

export const tab = (id = "tab", fields: object = {}): AnyNode => ({ id, type: "tab", label: id, ...fields });

export const node = (id: string, type: string, wires: string[][] = [], fields: object = {}): AnyNode => ({
  id,
  type,
  z: "tab",
  name: id,
  x: 0,
  y: 0,
  wires,
  ...fields,
});

export const site = (fields: object = {}): AnyNode => ({
  id: "site",
  type: "limen-site",
  site: "riverside",
  name: "Riverside",
  controllerName: "Riverside Property",
  controllerContact: "desk@example.invalid",
  pack: "cn",
  demonstration: true,
  ...fields,
});

export const door = (id: string, fields: object = {}): AnyNode => ({
  id: `door-${id}`,
  type: "limen-door",
  door: id,
  site: "site",
  name: `Door ${id}`,
  class: "entrance",
  egress: true,
  fire: "hardware",
  simulated: true,
  ...fields,
});

export const camera = (id: string, fields: object = {}): AnyNode => ({
  id: `camera-${id}`,
  type: "limen-camera",
  camera: `${id}-eye`,
  door: `door-${id}`,
  kind: "screen",
  ...fields,
});

/** The broker the readers speak through: on this box. */
export const broker = (fields: object = {}): AnyNode => ({
  id: "broker",
  type: "mqtt-broker",
  broker: "127.0.0.1",
  port: "1883",
  ...fields,
});

export const keeping = (fields: object = {}): AnyNode[] => [
  node("daily", "inject", [["keep"]], { crontab: "00 03 * * *", repeat: "", once: false }),
  node("keep", "retention-rule", [[]], { class: "entry-events", days: 30, mode: "run", ...fields }),
];

export type WayIn = "card" | "pin" | "pass" | "face" | "guard";

/** One door with these ways, wired straight through: lawful as long as something beside face and guard is among them. */
export function lane(id: string, ways: readonly WayIn[]): AnyNode[] {
  const at = (name: string) => `${id}-${name}`;
  const bound = { door: `door-${id}` };
  const rule = [[at("rule")]];
  const sense: Record<WayIn, AnyNode[]> = {
    card: [
      node(at("reader"), "mqtt in", [[at("card")]], { topic: `limen/${id}/reader`, broker: "broker" }),
      node(at("card"), "card-read", rule, { ...bound, reader: at("reader") }),
    ],
    pin: [
      node(at("keypad"), "mqtt in", [[at("pin")]], { topic: `limen/${id}/keypad`, broker: "broker" }),
      node(at("pin"), "pin-read", rule, bound),
    ],
    pass: [
      node(at("qr"), "mqtt in", [[at("pass")]], { topic: `limen/${id}/qr`, broker: "broker" }),
      node(at("pass"), "pass-read", rule, bound),
    ],
    face: [
      camera(id),
      node(at("button"), "mqtt in", [[at("face")]], { topic: `limen/${id}/button`, broker: "broker" }),
      node(at("face"), "face-match", rule, {
        ...bound,
        camera: `camera-${id}`,
        mode: "1:N",
        buttons: [`limen/${id}/button`],
      }),
    ],
    guard: [node(at("guard"), "guard-open", rule, bound)],
  };
  return [
    door(id),
    ...ways.flatMap((way) => sense[way]),
    node(at("rule"), "entry-rule", [[at("consent")]], { hours: [], holidays: [] }),
    node(at("consent"), "consent-check", [[at("log")]]),
    node(at("log"), "audit-log", [[at("relay")], []]),
    node(at("relay"), "relay-out", [[], [at("lock")]], {
      ...bound,
      drive: "generic",
      topic: "limen/{door}/relay/set",
    }),
    node(at("lock"), "mqtt out", [], { topic: "", retain: "", broker: "broker" }),
  ];
}

/** A door-watch that waits to hear from a door's card reader, as every real door with a face needs. */
export const heard = (id: string): AnyNode[] => [
  node(`${id}-beat`, "mqtt in", [[`${id}-watch`]], {
    topic: `limen/${id}/alive/${id}-reader`,
    broker: "broker",
  }),
  node(`${id}-watch`, "door-watch", [[], []], { door: `door-${id}`, ways: [`${id}-reader`], fire: "none" }),
];

/** A whole lawful flow: one site, these lanes, a retention rule. */
export const flow = (...lanes: AnyNode[][]): AnyNode[] => [
  tab(),
  site(),
  broker(),
  ...lanes.flat(),
  ...keeping(),
];

/** The flow with some nodes' fields changed. */
export function change(from: readonly AnyNode[], fields: Record<string, object>): AnyNode[] {
  for (const id of Object.keys(fields))
    if (!from.some((each) => each.id === id)) throw new Error(`no node ${id} to change`);
  return from.map((each) => ({ ...each, ...fields[each.id] }));
}

/** The flow without some nodes (wires to them stay, as in a hand-edited file). */
export const without = (from: readonly AnyNode[], ...ids: string[]): AnyNode[] =>
  from.filter(({ id }) => !ids.includes(id));

/** The flow with further nodes. */
export const plus = (from: readonly AnyNode[], ...more: AnyNode[]): AnyNode[] => [...from, ...more];

/** A setting taken from the environment: dollar, brace, name, brace. */
export const fromEnv = (name: string): string => `$${"{"}${name}}`;
