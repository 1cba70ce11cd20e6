import type { CameraConfig, DoorConfig, SiteConfig } from "../../vault/protocol/site.ts";

/** What `need` finds behind a `limen-site`. */
export interface SiteService {
  site: SiteConfig;
}

/** Behind a `limen-door`. */
export interface DoorService {
  door: DoorConfig;
  site: SiteConfig;
}

/** Behind a `limen-camera`: its id and its door, never how to reach it. */
export interface CameraService {
  camera: CameraConfig["id"];
  door: DoorConfig;
}
