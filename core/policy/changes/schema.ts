import { Closed, OneOf, type Static, Type } from "../../schema.ts";

const Label = Type.String({ maxLength: 80 });
const Shown = Type.String({ maxLength: 160, description: "as text; cut where it is longer" });

/** A setting before and after. `hidden`: it changed, and what it holds is nobody's to read here. */
export const PropertyChange = Closed({
  name: Type.String({ maxLength: 80 }),
  before: Type.Optional(Shown),
  after: Type.Optional(Shown),
  hidden: Type.Optional(Type.Boolean()),
});

export const NodeChange = Closed({
  change: OneOf(["added", "removed", "changed"]),
  id: Type.String({ maxLength: 64 }),
  type: Label,
  label: Type.Optional(Label),
  tab: Type.Optional(Label),
  properties: Type.Optional(Type.Array(PropertyChange)),
  /** Each `1 → label of the node it leads to`. */
  wires: Type.Optional(
    Closed({
      added: Type.Array(Type.String({ maxLength: 120 })),
      removed: Type.Array(Type.String({ maxLength: 120 })),
    }),
  ),
});

/** What the rules see of a door, where it is another than before: its ways in, what a face there would be told. */
export const FactChange = Closed({
  door: Type.String({ maxLength: 48 }),
  name: OneOf([
    "there",
    "ways",
    "possible",
    "class",
    "fire",
    "mode",
    "controller",
    "eventDays",
    "pack",
    "data",
    "storage",
    "processors",
  ]),
  before: Type.Optional(Shown),
  after: Type.Optional(Shown),
});

/** The difference between two flows, as it is kept on the record: bounded, and without anything secret or personal. */
export const FlowDiff = Closed({
  added: Type.Integer(),
  removed: Type.Integer(),
  changed: Type.Integer(),
  /** Nodes that only lie elsewhere on the canvas. */
  moved: Type.Integer(),
  nodes: Type.Array(NodeChange, { maxItems: 400 }),
  /** Changed nodes there was no room for. */
  more: Type.Integer(),
  /** Ids of the doors that any of it is about. */
  doors: Type.Array(Type.String({ maxLength: 48 }), { maxItems: 200 }),
  facts: Type.Array(FactChange, { maxItems: 400 }),
  /** Nodes whose secrets are others than before: their ids, `*` where it cannot be told which. */
  secrets: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 400 }),
  /** What was decided, published or assessed outside the flow (`papers.json`). */
  papers: Type.Optional(Type.Array(PropertyChange, { maxItems: 100 })),
});

export type PropertyChange = Static<typeof PropertyChange>;
export type NodeChange = Static<typeof NodeChange>;
export type FactChange = Static<typeof FactChange>;
export type FlowDiff = Static<typeof FlowDiff>;
