import { LimenError } from "../../core/errors.ts";
import { defineNode } from "../lib/define-node.ts";
import { config, version } from "./config.ts";

/** A group of Dashboard 2, as far as a widget meets it. */
interface Group {
  register?(node: unknown, config: object, events: object): void;
}

/**
 * A place for one of Limen's views on a page of Dashboard 2. Nothing travels through the dashboard, which sends
 * everything to everybody: the view asks the HTTP API with the session of whoever looks, and the API decides by role.
 */
export default defineNode({
  type: "ui-limen",
  config,
  version,
  setup({ RED, node, id, config }) {
    const group = RED.nodes.getNode(config.group) as Group | null;
    if (!group?.register) throw new LimenError("config-missing");
    // height "0" is the dashboard's word for "as high as what it shows"
    group.register(node, { id, type: "ui-limen", z: node.z, name: node.name, ...config, height: "0" }, {});
    return {};
  },
});
