import type { Expansion, Frame, Instance } from "./expand.ts";
import { idsOf, portsOf, type RawNode, wiresOf } from "./raw.ts";
import type { Edge, EdgeKind, Vertex } from "./types.ts";
import { callsByName } from "./unseen.ts";

/** Type of the vertices that stand for "any of these": they keep the edges linear in the nodes. */
export const hubType = "limen:hub";

/** Draws every way a message can take: wires, links, calls, and what listens to errors and completions. */
export function drawEdges(expansion: Expansion): { out: Edge[][]; into: Edge[][] } {
  const { vertices, root, frames, problems } = expansion;
  const out: Edge[][] = vertices.map(() => []);
  const byKey = new Map(vertices.map((vertex) => [vertex.key, vertex] as const));

  const edge = (from: Vertex, to: Vertex, port: number, kind: EdgeKind) => {
    out[from.index]!.push({ to: to.index, port, kind });
  };
  const hub = (name: string): Vertex => {
    const config: RawNode = { id: name, type: hubType };
    const vertex = { index: vertices.length, key: name, id: name, type: hubType, config, label: name };
    vertices.push(vertex);
    out.push([]);
    return vertex;
  };
  /** Inside a subflow only its own nodes answer; on tabs every running id does, copies in subflows included. */
  const find = (frame: Frame, id: string): Vertex | undefined =>
    frame.byId.get(id) ?? frame.instances.get(id)?.entry ?? (frame === root ? byKey.get(id) : undefined);

  const anyLinkIn = hub("limen:any-link-in");
  const returned = hub("limen:link-return");
  const everyones = new Map<Frame, Map<string, Vertex>>();

  const wire = (frame: Frame, from: Vertex, wires: unknown, kind: EdgeKind, shift = true) => {
    wiresOf(wires).forEach((targets, port) => {
      for (const id of targets) {
        const target = find(frame, id);
        if (target) edge(from, target, shift ? port : 0, kind);
        else if (id.startsWith("$")) problems.push({ kind: "wire-unresolved", node: from.id });
      }
    });
  };

  for (const frame of frames) {
    const links = reverseLinks(frame);
    for (const vertex of frame.byId.values()) {
      const { type, config } = vertex;
      if (type === "link out") {
        if (isReturn(vertex)) edge(vertex, returned, 0, "call");
        else
          for (const id of new Set([...idsOf(config.links), ...(links.get(vertex.id) ?? [])])) {
            const target = find(frame, id);
            if (target) edge(vertex, target, 0, "wire");
          }
        continue;
      }
      if (type === "link in") edge(anyLinkIn, vertex, 0, "guess");
      const calls = type === "link call";
      wire(frame, vertex, config.wires, calls ? "call" : "wire");
      if (calls || callsByName(vertex)) wire(frame, returned, config.wires, "call", false);
      if (callsByName(vertex)) edge(vertex, anyLinkIn, 0, "guess");
      if (calls && config.linkType === "dynamic") edge(vertex, anyLinkIn, 0, "guess");
      else if (calls) {
        const id = idsOf(config.links)[0] ?? "";
        const target = find(frame, id) ?? byKey.get(id);
        if (target) edge(vertex, target, 0, "call");
      }
    }
    for (const instance of frame.instances.values()) drawBorder(instance, frame);
  }
  for (const frame of frames) listen(frame);

  function drawBorder({ node, definition, frame: inside, entry, exits, status }: Instance, outside: Frame) {
    for (const port of portsOf(definition.in))
      for (const { id } of port) {
        const target = find(inside, id);
        if (target) edge(entry, target, 0, "wire");
      }
    portsOf(definition.out).forEach((wires, port) => {
      const exit = exits[port]!;
      for (const { id, port: innerPort } of wires) {
        if (id === definition.id) edge(entry, exit, 0, "wire");
        const inner = inside.byId.get(id);
        if (inner && !isReturn(inner)) edge(inner, exit, innerPort, "wire");
        const nested = inside.instances.get(id)?.exits[innerPort];
        if (nested) edge(nested, exit, 0, "wire");
      }
    });
    for (const { id, port } of status ? portsOf([definition.status]).flat() : []) {
      const inner = inside.byId.get(id) ?? inside.instances.get(id)?.exits[port];
      if (inner) edge(inner, status!, port, "wire");
    }
    wiresOf(node.wires).forEach((targets, port) => {
      for (const id of targets) {
        const target = find(outside, id);
        if (target) edge(exits[port]!, target, 0, "wire");
      }
    });
  }

  /** What an error or a completion of some node sets off: the message itself goes on from there. */
  function listen(frame: Frame) {
    for (const listener of frame.byId.values()) {
      if (listener.type !== "catch" && listener.type !== "complete") continue;
      const { scope } = listener.config;
      if (Array.isArray(scope)) {
        for (const id of idsOf(scope)) {
          const vertex = frame.byId.get(id);
          if (vertex) edge(vertex, listener, -1, "side");
          const instance = frame.instances.get(id);
          if (instance) edge(everyone(instance.frame, ""), listener, -1, "side");
        }
      } else if (listener.type === "catch") {
        const tab = frame === root ? String(listener.config.z ?? "") : "";
        edge(everyone(frame, tab), listener, -1, "side");
      }
    }
  }

  /** One vertex every node of a frame (on tabs: of that tab) leads to, nodes of its subflows included. */
  function everyone(frame: Frame, tab: string): Vertex {
    const known = everyones.get(frame)?.get(tab);
    if (known) return known;
    const all = hub(`limen:everyone:${vertices.length}`);
    const here = everyones.get(frame) ?? new Map<string, Vertex>();
    everyones.set(frame, here.set(tab, all));
    const within = (node: RawNode) => frame !== root || String(node.z ?? "") === tab;
    for (const vertex of frame.byId.values()) if (within(vertex.config)) edge(vertex, all, -1, "side");
    for (const instance of frame.instances.values())
      if (within(instance.node)) edge(everyone(instance.frame, ""), all, -1, "side");
    return all;
  }

  const into: Edge[][] = vertices.map(() => []);
  out.forEach((edges, from) => {
    for (const { to, port, kind } of edges) into[to]!.push({ to: from, port, kind });
  });
  return { out, into };
}

/** A link out that hands back to whoever called: it sends nowhere else. */
const isReturn = ({ type, config }: Vertex): boolean => type === "link out" && config.mode === "return";

/** Links are drawn from either end: what each link in says about the link outs it hears. */
function reverseLinks(frame: Frame): Map<string, string[]> {
  const result = new Map<string, string[]>();
  for (const vertex of frame.byId.values()) {
    if (vertex.type !== "link in") continue;
    for (const id of idsOf(vertex.config.links)) {
      const heard = result.get(id);
      if (heard) heard.push(vertex.id);
      else result.set(id, [vertex.id]);
    }
  }
  return result;
}
