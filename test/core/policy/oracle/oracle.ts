import type { AnyNode } from "../build.ts";

/**
 * What the flow rules should find, worked out the slow way: by walking every message along every way through the flow file
 * as it stands, subflows and all. Shares nothing with the rules but the sentences of the design they are made from.
 */

/** A node in a place: the subflow instances it is inside of, outermost first. */
interface Place {
  stack: readonly string[];
  id: string;
}
interface Step extends Place {
  port: number;
  /** `wire` is certain; `maybe` counts against a flow only; `beside` is an error's or completion's way. */
  by: "wire" | "maybe" | "beside";
}

const key = ({ stack, id }: Place): string => [...stack, id].join("/");
const list = (value: unknown): string[] => (Array.isArray(value) ? (value as string[]) : []);

const passing = new Set(["junction", "switch", "link in", "link out", "link call", "delay"]);
const conduits = new Set(["junction", "link in", "link out"]);
const topics = ["r/1", "r/2"];

export class Oracle {
  readonly #flow: readonly AnyNode[];

  constructor(flow: readonly AnyNode[]) {
    this.#flow = flow;
  }

  #node(id: string): AnyNode {
    return this.#flow.find((node) => node.id === id)!;
  }

  #definition(instance: string): AnyNode {
    return this.#node(this.#node(instance).type.slice("subflow:".length));
  }

  /** Nodes that run in a container: a subflow, or the tabs together. */
  #inside(stack: readonly string[]): AnyNode[] {
    const last = stack.at(-1);
    const container = last === undefined ? undefined : this.#definition(last).id;
    return this.#flow.filter((node) => {
      if (!node.z || node.d === true) return false;
      const home = this.#node(String(node.z));
      return container === undefined ? home.type === "tab" && home.disabled !== true : home.id === container;
    });
  }

  /** Every place there is. */
  places(stack: readonly string[] = []): Place[] {
    return this.#inside(stack).flatMap((node) =>
      node.type.startsWith("subflow:") ? this.places([...stack, node.id]) : [{ stack, id: node.id }],
    );
  }

  type = (place: Place): string => this.#node(place.id).type;
  node = (place: Place): AnyNode => this.#node(place.id);

  /** Where a wire to `id` leads from inside `stack`: over borders of subflows, to nodes. */
  #arrive(stack: readonly string[], id: string, crossed: ReadonlySet<string> = new Set()): Place[] {
    const node = this.#inside(stack).find((each) => each.id === id);
    if (!node) return [];
    if (!node.type.startsWith("subflow:")) return [{ stack, id }];
    const border = `in ${key({ stack, id })}`;
    if (crossed.has(border)) return [];
    const over = new Set([...crossed, border]);
    const definition = this.#definition(id);
    const inner = (definition.in as { wires: { id: string }[] }[]).flatMap(({ wires }) =>
      wires.flatMap((wire) => this.#arrive([...stack, id], wire.id, over)),
    );
    const outs = definition.out as { wires: { id: string; port: number }[] }[];
    const through = outs.flatMap(({ wires }, port) =>
      wires.some((wire) => wire.id === definition.id) ? this.#leave([...stack, id], port, over) : [],
    );
    return [...inner, ...through];
  }

  /** Out of the innermost subflow of `stack` by one of its outputs. */
  #leave(stack: readonly string[], port: number, crossed: ReadonlySet<string>): Place[] {
    const instance = stack.at(-1)!;
    const parent = stack.slice(0, -1);
    const border = `out ${stack.join("/")} ${port}`;
    if (crossed.has(border)) return [];
    const over = new Set([...crossed, border]);
    const wired = list(list(this.#node(instance).wires)[port]).flatMap((id) =>
      this.#arrive(parent, id, over),
    );
    return [...wired, ...this.#outOf(parent, instance, port, over)];
  }

  /** If a node's output is wired to an output of the subflow it is in. */
  #outOf(stack: readonly string[], id: string, port: number, crossed: ReadonlySet<string>): Place[] {
    if (stack.length === 0) return [];
    const outs = this.#definition(stack.at(-1)!).out as { wires: { id: string; port: number }[] }[];
    return outs.flatMap(({ wires }, out) =>
      wires.some((wire) => wire.id === id && wire.port === port) ? this.#leave(stack, out, crossed) : [],
    );
  }

  #outputs(place: Place): Step[] {
    const ports = list(this.node(place).wires) as unknown as string[][];
    const count = Math.max(ports.length, 2);
    return Array.from({ length: count }, (_, port) => port).flatMap((port) =>
      [
        ...list(ports[port]).flatMap((id) => this.#arrive(place.stack, id)),
        ...this.#outOf(place.stack, place.id, port, new Set()),
      ].map((to): Step => ({ ...to, port, by: "wire" })),
    );
  }

  readonly #steps = new Map<string, Step[]>();

  /** Everywhere a message that left a node may be next. */
  next(place: Place): Step[] {
    const known = this.#steps.get(key(place)) ?? this.#step(place);
    this.#steps.set(key(place), known);
    return known;
  }

  #step(place: Place): Step[] {
    const { type, links, mode, linkType, func } = this.node(place);
    const maybe = (places: Place[]): Step[] => places.map((to) => ({ ...to, port: 0, by: "maybe" }));
    const all = this.places();
    const callers = all.filter(
      (at) =>
        this.type(at) === "link call" ||
        (this.type(at) === "function" && String(this.node(at).func).includes("linkcall")),
    );
    const drawn = (at: Place): Place[] =>
      (list(this.node(at).wires) as unknown as string[][]).flat().flatMap((id) => this.#arrive(at.stack, id));
    const beside = this.#listeners(place).map((to): Step => ({ ...to, port: -1, by: "beside" }));
    switch (type) {
      case "link out": {
        if (mode === "return") return [...maybe(callers.flatMap(drawn)), ...beside];
        const heard = this.#inside(place.stack)
          .filter((node) => node.type === "link in" && list(node.links).includes(place.id))
          .map(({ id }) => id);
        const ids = [...new Set([...list(links), ...heard])];
        const to = ids.flatMap((id) => this.#arrive(place.stack, id));
        return [
          ...to.map((each): Step => ({ ...each, port: 0, by: "wire" })),
          ...this.#portSteps(place),
          ...beside,
        ];
      }
      case "link call": {
        const called =
          linkType === "dynamic"
            ? all.filter((at) => this.type(at) === "link in")
            : list(links).flatMap((id) => this.#arrive(place.stack, id));
        return [...maybe(drawn(place)), ...this.#portSteps(place), ...maybe(called), ...beside];
      }
      case "function": {
        const calls = String(func).includes("linkcall")
          ? all.filter((at) => this.type(at) === "link in")
          : [];
        return [...this.#outputs(place), ...maybe(calls), ...beside];
      }
      default:
        return [...this.#outputs(place), ...beside];
    }
  }

  /** Steps out of the subflow only: for nodes whose own wires are told apart. */
  #portSteps(place: Place): Step[] {
    return [0, 1].flatMap((port) =>
      this.#outOf(place.stack, place.id, port, new Set()).map((to): Step => ({ ...to, port, by: "wire" })),
    );
  }

  /** Catch and complete nodes that hear a node: those beside it, and those beside the subflows it is inside of. */
  #listeners({ stack, id }: Place): Place[] {
    return Array.from({ length: stack.length + 1 }, (_, level) => level).flatMap((level) => {
      const outer = stack.slice(0, level);
      const heard = stack[level] ?? id;
      const tab = this.#node(heard).z;
      return this.#inside(outer)
        .filter(
          ({ type, scope, z }) =>
            (type === "catch" && scope === null && z === tab) ||
            ((type === "catch" || type === "complete") && Array.isArray(scope) && scope.includes(heard)),
        )
        .map((node) => ({ stack: outer, id: node.id }));
    });
  }

  /**
   * Sends a message from a place along every step there is, until no step leads to a state it has not been in. `state` is
   * carried along; undefined ends that way.
   * @returns whether it ever satisfies `found`
   */
  #any<S extends string>(
    start: Place,
    first: S,
    step: (from: Place, to: Step, state: S) => S | undefined,
    found: (at: Place, state: S) => boolean,
  ): boolean {
    const been = new Set<string>();
    const walk = (at: Place, state: S): boolean =>
      this.next(at).some((to) => {
        const then = step(at, to, state);
        if (then === undefined) return false;
        if (found(to, then)) return true;
        const mark = `${key(to)} ${then}`;
        if (been.has(mark)) return false;
        been.add(mark);
        return walk(to, then);
      });
    return walk(start, first);
  }

  /** Faces from which a relay is reached unasked. */
  consent(): Set<string> {
    const faces = this.places().filter((at) => this.type(at) === "face-match");
    const unasked = faces.filter((face) =>
      this.#any<"open" | "closed">(
        face,
        "open",
        (from, to, state) => {
          if (state === "open" && this.type(from) === "consent-check" && to.by !== "beside") return undefined;
          return state === "closed" || this.type(to) === "audit-log" ? "closed" : "open";
        },
        (at) => this.type(at) === "relay-out",
      ),
    );
    return new Set(unasked.map(({ id }) => id));
  }

  /** Relays that something other than the record's first output sets off. */
  record(): Set<string> {
    const starts = this.places().filter((at) => !passing.has(this.type(at)));
    const hit = new Set<string>();
    for (const start of starts)
      this.#any<"go">(
        start,
        "go",
        (from, to) => {
          if (from !== start && !passing.has(this.type(from))) return undefined;
          if (this.type(from) === "audit-log" && to.by === "wire" && to.port === 0) return undefined;
          return to.by === "beside" && this.type(from) === "relay-out" ? undefined : "go";
        },
        (at) => {
          if (this.type(at) === "relay-out") hit.add(at.id);
          return false;
        },
      );
    return hit;
  }

  /** What Node-RED would put in place of a setting: the node's name, its tab's label, what a tab or the whole file says. */
  #setting(at: Place, field: string): string {
    const node = this.node(at);
    const value = String(node[field] ?? "");
    const name = /^\$\{(.+)\}$/.exec(value)?.[1];
    if (name === undefined) return value;
    if (name === "NR_NODE_NAME") return String(node.name);
    const tab = this.#node(String(this.#node(at.stack[0] ?? at.id).z));
    if (name === "NR_FLOW_NAME") return String(tab.label);
    const lists = [tab, this.#node("global")].map(
      ({ env }) => (env ?? []) as { name: string; value: string }[],
    );
    return lists.flat().find((entry) => entry.name === name)?.value ?? value;
  }

  /** Whether a device is heard at a place on this topic. */
  #hears(at: Place, topic: string): boolean {
    if (this.type(at) !== "mqtt in") return false;
    if (this.#setting(at, "broker") !== "broker" || this.#node("broker").d === true) return false;
    const filter = this.#setting(at, "topic");
    return filter === topic || filter === "r/+";
  }

  /** Whether a switch sends a message of this topic out of a port. */
  #lets(at: Place, port: number, topic: string): boolean {
    const { property, rules, checkall } = this.node(at) as unknown as {
      property: string;
      rules: { t: string; v: string }[];
      checkall: string;
    };
    const rule = rules[port];
    if (property !== "topic" || rule?.t !== "eq" || rule.v !== topic) return false;
    const matched = rules.slice(0, port).some(({ t, v }) => t !== "eq" || v === topic);
    return checkall === "true" || !matched;
  }

  /** A message on some topic that really arrives: each is sent and watched. */
  #fed(card: Place): boolean {
    return topics.some((topic) =>
      this.places()
        .filter((at) => this.#hears(at, topic))
        .some((reader) =>
          this.#any<"go">(
            reader,
            "go",
            (from, to) => {
              if (to.by !== "wire") return undefined;
              if (key(from) === key(reader) || conduits.has(this.type(from))) return "go";
              return this.type(from) === "switch" && this.#lets(from, to.port, topic) ? "go" : undefined;
            },
            (at) => key(at) === key(card),
          ),
        ),
    );
  }

  /** A card that certainly tells this relay: fed, ruled, recorded, and led over nothing that could stop it. */
  #opens(card: Place, relay: Place): boolean {
    return this.#any<"sensed" | "ruled" | "recorded">(
      card,
      "sensed",
      (from, to, state) => {
        if (to.by !== "wire" || to.port !== 0) return undefined;
        if (this.type(from) === "relay-out") return undefined;
        const type = this.type(to);
        if (conduits.has(type) || type === "relay-out") return state;
        if (type === "entry-rule") return state === "recorded" ? undefined : "ruled";
        if (type === "audit-log") return state === "ruled" ? "recorded" : undefined;
        return type === "consent-check" && state !== "recorded" ? state : undefined;
      },
      (at, state) => state === "recorded" && key(at) === key(relay),
    );
  }

  /** A face or a guard that might tell this relay by some path with a rule on it. */
  #might(sensor: Place, relay: Place): boolean {
    return this.#any<"free" | "ruled">(
      sensor,
      "free",
      (_, to, state) => (state === "ruled" || this.type(to) === "entry-rule" ? "ruled" : "free"),
      (at, state) => state === "ruled" && key(at) === key(relay),
    );
  }

  /** Doors with a relay that a face or a guard may work and no card does. */
  another(): Set<string> {
    const places = this.places();
    const bound = (types: string[], door: string) =>
      places.filter((at) => types.includes(this.type(at)) && this.node(at).door === door);
    const doors = this.#flow.filter(({ type }) => type === "limen-door").map(({ id }) => id);
    return new Set(
      doors.filter((door) =>
        bound(["relay-out"], door).some(
          (relay) =>
            bound(["face-match", "guard-open"], door).some((sensor) => this.#might(sensor, relay)) &&
            !bound(["card-read"], door).some((card) => this.#fed(card) && this.#opens(card, relay)),
        ),
      ),
    );
  }
}
