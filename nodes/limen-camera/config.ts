import { Closed, OneOf, Type } from "../../core/schema.ts";
import { Id } from "../../vault/protocol/common.ts";
import type { Palette } from "../lib/types.ts";

const byAddress = { kind: ["http-jpeg", "http-mjpeg", "rtsp", "v4l2"] };

const Percent = (preset: number) =>
  Type.Integer({ default: preset, minimum: preset === 0 ? 0 : 10, maximum: preset === 0 ? 90 : 100 });

/** One camera at one door. The vault reads it; its pictures never reach a flow. */
export const config = Closed({
  camera: Id,
  door: Type.String({ format: "limen-door" }),
  kind: OneOf(["http-jpeg", "http-mjpeg", "mqtt", "screen", "rtsp", "v4l2"], { default: "http-mjpeg" }),
  url: Type.Optional(Type.String({ maxLength: 400, showWhen: byAddress, needed: true })),
  topic: Type.Optional(Type.String({ maxLength: 200, showWhen: { kind: ["mqtt"] }, needed: true })),
  /** The part of the picture in which somebody stands at the door, per cent from the left and from the top. */
  zoneLeft: Percent(0),
  zoneTop: Percent(0),
  zoneWidth: Percent(100),
  zoneHeight: Percent(100),
  maxAgeMs: Type.Integer({ default: 2000, minimum: 200, maximum: 10_000 }),
});
export const version = 1;
export const credentials = { user: "text", password: "password" } as const;
export const palette: Palette = { role: "config", icon: "", inputs: 0, outputs: 0, label: "camera" };
