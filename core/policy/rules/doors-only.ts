import type { Graph, Vertex } from "../graph/types.ts";
import { doorId, doorName, doorOf } from "../site.ts";
import type { Hit, Rule } from "./rule.ts";

/** What a door may lead to and still have a camera for faces. */
const faceClasses = new Set(["entrance", "unit", "gate"]);

function fault(graph: Graph, node: Vertex): Hit | undefined {
  const camera = graph.config(node.config.camera, "limen-camera", node);
  const at = camera && graph.config(camera.config.door, "limen-door", camera);
  const door = doorOf(graph, node);
  const params = { node: node.label, camera: String(camera?.config.name ?? camera?.id ?? ""), door: "" };
  if (!camera) return { node: node.id, params: { ...params, variant: "no-camera" } };
  if (!at) return { node: node.id, params: { ...params, variant: "no-door" } };
  const named = { node: node.id, door: doorId(at) };
  if (!faceClasses.has(String(at.config.class)))
    return { ...named, params: { ...params, door: doorName(at), variant: "not-a-door" } };
  if (node.type === "face-match" && door?.key !== at.key)
    return { ...named, params: { ...params, door: doorName(at), variant: "other-door" } };
  return undefined;
}

/** Faces are looked at on the sill of a door and nowhere else: not at the bins, in a lift, on a path (RD-38). */
export const doorsOnly: Rule = {
  id: "doors-only",
  severity: "refuse",
  article: ["Order 19 (2025) art. 13", "PIPL 26", "Public-security video regulation art. 8, 13"],
  check: (graph) =>
    graph.of("face-match", "face-enrol").flatMap((node) => {
      if (node.type === "face-enrol" && (node.config.camera ?? "") === "") return [];
      return fault(graph, node) ?? [];
    }),
};
