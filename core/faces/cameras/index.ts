import { type Clock, systemClock } from "../../clock.ts";
import { LimenError } from "../../errors.ts";
import { rtspInput, type Spawn, throughFfmpeg, v4l2Input } from "./ffmpeg.ts";
import { httpJpeg, httpMjpeg } from "./http.ts";
import { mqttTopic, type Subscribe } from "./mqtt.ts";
import { screenInlet } from "./screen.ts";
import {
  CameraSource,
  type FrameSource,
  type Receive,
  type SourceOptions,
  videoFrozenAfterMs,
} from "./source.ts";

export type { Subscribe } from "./mqtt.ts";
export type { CameraState, FrameSource } from "./source.ts";

/** A camera's settings, as the vault is told them. */
export interface CameraSettings {
  id: string;
  kind: "http-jpeg" | "http-mjpeg" | "mqtt" | "screen" | "rtsp" | "v4l2";
  url?: string;
  topic?: string;
  user?: string;
  password?: string;
}

export interface CameraTools {
  clock?: Clock;
  subscribe?: Subscribe;
  spawn?: Spawn;
}

/** A door screen's camera also takes pictures that are pushed to it. */
export interface OpenCamera extends FrameSource {
  push?(picture: Buffer): boolean;
}

/**
 * A camera by its settings; nothing is opened before `start` or `frames`.
 * @throws LimenError `camera-url-bad`
 */
export function openCamera(settings: CameraSettings, tools: CameraTools = {}): OpenCamera {
  const { id, kind } = settings;
  const source = (receive: Receive, more: Pick<SourceOptions, "always" | "frozenAfterMs"> = {}) =>
    new CameraSource({ id, clock: tools.clock ?? systemClock, receive, ...more });
  if (kind === "screen") {
    const inlet = screenInlet();
    return Object.assign(source(inlet.receive), { push: inlet.push });
  }
  if (kind === "mqtt") {
    if (!settings.topic || !tools.subscribe) throw new LimenError("camera-url-bad");
    return source(mqttTopic(settings.topic, tools.subscribe));
  }
  const url = settings.url ?? "";
  const signIn =
    settings.user === undefined ? {} : { signIn: { user: settings.user, password: settings.password ?? "" } };
  if (kind === "rtsp") {
    const receive = throughFfmpeg(rtspInput(url, signIn.signIn), tools.spawn);
    return source(receive, { always: true, frozenAfterMs: videoFrozenAfterMs });
  }
  if (kind === "v4l2") return source(throughFfmpeg(v4l2Input(url), tools.spawn), { always: true });
  const camera = { url, ...signIn };
  return source(kind === "http-jpeg" ? httpJpeg(camera) : httpMjpeg(camera));
}
