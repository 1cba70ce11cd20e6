import { defineNode } from "../lib/define-node.ts";
import { registry } from "../lib/registry.ts";
import type { DoorService, SiteService } from "../lib/services.ts";
import { config, version } from "./config.ts";

export default defineNode({
  type: "limen-door",
  version,
  config,
  setup({ id, need, config: { door, site, ...rest } }) {
    const service: DoorService = { door: { id: door, ...rest }, site: need<SiteService>(site).site };
    registry.door(id, service.door);
    return { service };
  },
});
