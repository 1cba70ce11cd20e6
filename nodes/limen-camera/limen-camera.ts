import { LimenError } from "../../core/errors.ts";
import type { CameraConfig } from "../../vault/protocol/site.ts";
import { defineNode } from "../lib/define-node.ts";
import { registry } from "../lib/registry.ts";
import type { CameraService, DoorService } from "../lib/services.ts";
import { config, credentials, version } from "./config.ts";

export default defineNode({
  type: "limen-camera",
  version,
  config,
  credentials,
  setup({ id, need, credentials: { user, password }, config: settings }) {
    const { camera, door: doorNode, kind, url, topic, maxAgeMs } = settings;
    const zone = zoneOf(settings);
    const { door } = need<DoorService>(doorNode);
    const byTopic = kind === "mqtt";
    const byAddress = !byTopic && kind !== "screen";
    if (byAddress && !url) throw missing("/url");
    if (byTopic && !topic) throw missing("/topic");
    registry.camera(id, {
      id: camera,
      door: door.id,
      kind,
      maxAgeMs,
      ...(zone ? { zone } : {}),
      ...(byAddress && url ? { url } : {}),
      ...(byTopic && topic ? { topic } : {}),
      ...(user ? { user } : {}),
      ...(password ? { password } : {}),
    });
    const service: CameraService = { camera, door };
    return { service };
  },
});

const missing = (field: string): LimenError => new LimenError("config-invalid", { field, params: { field } });

/** @returns undefined for the whole picture. @throws LimenError `config-invalid` when it reaches over the edge */
function zoneOf({ zoneLeft, zoneTop, zoneWidth, zoneHeight }: Zone): CameraConfig["zone"] {
  if (zoneLeft + zoneWidth > 100) throw missing("/zoneWidth");
  if (zoneTop + zoneHeight > 100) throw missing("/zoneHeight");
  if (zoneWidth === 100 && zoneHeight === 100) return undefined;
  return { x: zoneLeft / 100, y: zoneTop / 100, width: zoneWidth / 100, height: zoneHeight / 100 };
}

type Zone = Record<"zoneLeft" | "zoneTop" | "zoneWidth" | "zoneHeight", number>;
