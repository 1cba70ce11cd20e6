import { Aedes } from "aedes";
import { createWebSocketStream, WebSocketServer } from "ws";
import type { Answer } from "../../vault/protocol/index.ts";
import { person, type Stand, stand } from "../api/stand.ts";
import { flow, lane } from "../core/policy/build.ts";
import { builtPages } from "./built-pages.ts";

/** In the shape of the generated papers (core/policy/papers/document.ts). */
const notices = {
  "zh-CN":
    "人脸开门告知书\n\n1. 谁负责\n\n演示物业。\n\n2. 其他开门方式\n\n- 门 | 方式\n- 大门 | 卡\n\n3. 您的选择\n\n- 随时可以撤回\n",
  "zh-TW":
    "人臉開門告知書\n\n1. 誰負責\n\n示範物業。\n\n2. 其他開門方式\n\n- 門 | 方式\n- 大門 | 卡\n\n3. 您的選擇\n\n- 隨時可以撤回\n",
  "en-US":
    "Faces at this door\n\n1. Who is responsible\n\nDemonstration management.\n\n2. Other ways in\n\n- Door | Ways\n- Gate | card\n\n3. Your choice\n\n- You may withdraw at any time\n",
};
type DoorEvent = Answer<"event.list">["events"][number];

const consentId = "consent_0123456789abcdef";

/** A stand with a scripted vault, the pages, and the real broker behind the simulator: no Node-RED, no models. */
export async function demoStand(): Promise<Stand & { broker: Aedes; events: DoorEvent[] }> {
  const pages = builtPages();
  const s = await stand(pages.folder);
  s.flow = flow(lane("gate", ["card", "pin", "face", "guard"]));
  const broker = await Aedes.createBroker();
  const sockets = new WebSocketServer({ server: s.server, path: "/simulator/mqtt" });
  sockets.on("connection", (socket) => broker.handle(createWebSocketStream(socket)));
  const events: DoorEvent[] = [];
  const consent = {
    id: consentId,
    person,
    purpose: "door-entry" as const,
    method: "face" as const,
    doors: ["gate"],
    notice: "n",
    language: "en-US" as const,
    givenBy: "self" as const,
    channel: "desk" as const,
    since: "2026-11-24T00:00:00Z",
  };
  Object.assign(s.handlers, {
    "door.list": () => ({
      doors: [
        {
          id: "gate",
          name: "North gate",
          class: "gate",
          ways: ["card", "pin", "face", "guard"],
          state: "closed",
        },
      ],
    }),
    "door.screen": () => ({
      id: "gate",
      name: "North gate",
      ways: ["card", "pin", "face", "guard"],
      face: true,
      simulated: true,
      camera: "screen",
    }),
    frame: () => ({ wanted: true }),
    "event.list": () => ({ events }),
    "notice.current": ({ language }) => ({
      id: "n",
      version: "1.0",
      hash: "ab".repeat(32),
      language,
      text: notices[language],
      doors: ["gate"],
    }),
    "person.create": () => ({ id: person }),
    "person.list": () => ({
      people: [{ id: person, name: "王芳", flat: "3-201", state: "resident" as const }],
    }),
    "consent.list": () => ({ consents: [] }),
    "credential.issue": () => ({ id: "cred_0123456789abcdef", assurance: "clonable" as const }),
    "consent.give": () => ({
      consent: { ...consent, state: "given" as const },
      receipt: '{"receipt":"signed"}',
    }),
    "consent.withdraw": () => ({
      consent: { ...consent, state: "withdrawn" as const },
      erasure: "erasure_0123456789abcdef",
    }),
    "face.enrol": (_request, { blobs }) => ({
      template: "tpl_0123456789abcdef",
      quality: 0.87,
      frames: blobs.length,
      used: blobs.length,
      needsSecondMethod: false,
    }),
    "erasure.read": () => ({
      id: "erasure_0123456789abcdef",
      state: "done" as const,
      steps: [{ step: "memory", at: "2026-11-24T00:00:01Z" }],
      receipt: '{"erased":true}',
    }),
    health: () => ({
      status: "ok" as const,
      log: { size: 3, origin: "o", vkey: "v" },
      keys: { generation: 1, store: "slots" as const },
      faces: { ready: true, missing: [], enrolled: 0 },
      cameras: [],
      armed: { face: true, relays: true },
    }),
  } satisfies typeof s.handlers);
  const { close } = s;
  return Object.assign(s, {
    broker,
    events,
    async close() {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      await new Promise<void>((resolve) => broker.close(resolve));
      await close();
      pages.remove();
    },
  });
}
