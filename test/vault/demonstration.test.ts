import assert from "node:assert/strict";
import type { CameraConfig } from "../../vault/protocol/site.ts";
import { Site } from "../../vault/site.ts";
import { estate } from "./rig.ts";

type Camera = Pick<CameraConfig, "kind"> & Partial<CameraConfig>;

describe("a demonstration in the vault", () => {
  const armed = (camera: Camera, { papers = false, demonstration = true } = {}): boolean => {
    const site = new Site({ faces: () => true, papers: () => papers });
    const plain = estate();
    const door = plain.doors[0]!;
    const cameras = [{ id: "eye", door: door.id, maxAgeMs: 2000, ...camera }];
    site.configure({ ...plain, site: { ...plain.site, demonstration }, cameras });
    return site.faceArmed(door);
  };

  it("arms a face before the door's screen, and before pictures this box plays", () => {
    assert.ok(armed({ kind: "screen" }));
    for (const url of [
      "http://127.0.0.1:8080/jpg",
      "rtsp://user:word@localhost:8554/door",
      "http://[::1]/jpg",
    ])
      assert.ok(armed({ kind: url.startsWith("rtsp") ? "rtsp" : "http-jpeg", url }), url);
  });

  it("arms none before a real camera, though the door is called simulated and the flow lawful", () => {
    for (const camera of [
      { kind: "rtsp", url: "rtsp://10.0.0.5/1" },
      { kind: "http-jpeg", url: "http://127.0.0.1@camera.local/jpg" },
      { kind: "http-mjpeg", url: "http://127.0.0.1.camera.local/mjpeg" },
      { kind: "http-jpeg", url: "nowhere" },
      { kind: "http-jpeg" },
      { kind: "mqtt", topic: "cams/door" },
      { kind: "v4l2", url: "/dev/video0" },
    ] as const)
      assert.equal(armed(camera), false, JSON.stringify(camera));
  });

  it("leaves a real site's cameras to its papers", () => {
    const camera = { kind: "rtsp", url: "rtsp://10.0.0.5/1" } as const;
    assert.ok(armed(camera, { papers: true, demonstration: false }));
    assert.equal(armed(camera, { demonstration: false }), false);
  });
});
