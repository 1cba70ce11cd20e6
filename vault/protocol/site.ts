import { watchedKinds } from "../../core/entry/alarms.ts";
import { emergencyReasons } from "../../core/entry/emergency.ts";
import { Closed, OneOf, type Static, Type } from "../../core/schema.ts";
import { DateTime, Empty, Id, Methods, verb } from "./common.ts";
import { LookSettings } from "./look.ts";

export const SiteConfig = Closed({
  id: Id,
  name: Type.String({ maxLength: 80 }),
  controller: Closed({
    name: Type.String({ maxLength: 120 }),
    contact: Type.String({ maxLength: 200 }),
    address: Type.Optional(Type.String({ maxLength: 200 })),
  }),
  pack: OneOf(["cn", "eu", "us-il"]),
  languages: Type.Array(OneOf(["zh-CN", "zh-TW", "en-US"]), { minItems: 1, uniqueItems: true }),
  timeZone: Type.String(),
  /** Only a demonstration may run on demonstration papers, and only on simulated doors. */
  demonstration: Type.Boolean({ default: false }),
  /** Every change of the flow needs a second person. */
  twoPersons: Type.Optional(Type.Boolean()),
  /** Days between two exit drills of a door. */
  drillDays: Type.Optional(Type.Integer({ minimum: 7, maximum: 366 })),
});

const EmergencyTerm = Closed({
  reason: OneOf(emergencyReasons),
  start: DateTime,
  end: DateTime,
  two: Type.Boolean(),
  noVisitors: Type.Boolean(),
});

export const DoorConfig = Closed({
  id: Id,
  name: Type.String({ maxLength: 80 }),
  /** What the door leads to: only `door` classes may have a camera for faces (RD-38). */
  class: OneOf(["entrance", "unit", "gate", "vehicle", "amenity"]),
  failMode: OneOf(["secure", "safe"]),
  /** Seconds the lock is released for one opening. */
  openSeconds: Type.Number({ minimum: 0.5, maximum: 60 }),
  /** Seconds for somebody who needs more time; absent, or not longer: the same for everybody. */
  longSeconds: Type.Optional(Type.Number({ minimum: 0.5, maximum: 60 })),
  zone: Type.String({ maxLength: 48 }),
  simulated: Type.Boolean(),
  fire: OneOf(["hardware", "input", "none"]),
  egress: Type.Boolean(),
});

export const CameraConfig = Closed({
  id: Id,
  door: Id,
  kind: OneOf(["http-jpeg", "http-mjpeg", "mqtt", "screen", "rtsp", "v4l2"]),
  url: Type.Optional(Type.String({ maxLength: 400 })),
  topic: Type.Optional(Type.String({ maxLength: 200 })),
  user: Type.Optional(Type.String({ maxLength: 80 })),
  password: Type.Optional(Type.String({ maxLength: 200 })),
  /** The part of the picture a face has to be in, as fractions of its width and height; absent: all of it. */
  zone: Type.Optional(
    Closed({
      x: Type.Number({ minimum: 0, maximum: 1 }),
      y: Type.Number({ minimum: 0, maximum: 1 }),
      width: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
      height: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
    }),
  ),
  /** Newer than this or it is not used, in ms. */
  maxAgeMs: Type.Integer({ default: 2000, minimum: 200, maximum: 10_000 }),
});

/** Why the vault lets no relay or face of the running flow act: the flow rules, or a second person's yes that is missing. */
export const offReasons = ["flow-refused", "second-person"] as const;

/** What of the running flow is kept off as a whole, and why. Names rules and nothing else: it may be shown to all staff. */
export const Off = Closed({
  relays: Type.Boolean(),
  faces: Type.Boolean(),
  why: OneOf(offReasons),
  /** Ids of the rules it is refused by; none for `second-person`. */
  rules: Type.Array(Type.String()),
});

export type SiteConfig = Static<typeof SiteConfig>;
export type Off = Static<typeof Off>;
export type DoorConfig = Static<typeof DoorConfig>;
export type CameraConfig = Static<typeof CameraConfig>;

const Finding = Closed({ rule: Type.String(), node: Type.String(), door: Type.Optional(Type.String()) });

export const siteVerbs = {
  /** What the deployed flow says there is. Replaces the whole of it; unchanged cameras keep running. */
  configure: verb(
    Closed({
      site: SiteConfig,
      doors: Type.Array(
        Closed({
          ...DoorConfig.properties,
          ways: Methods,
          /** Ways that may follow another one in the same attempt. */
          seconds: Type.Optional(Methods),
          /** Opening from a resident's own page: only by whoever can read this door's screen, or from anywhere. */
          phone: Type.Optional(OneOf(["at-door", "anywhere"])),
          /** Whether codes may be typed on the door's own screen. */
          pad: Type.Optional(Type.Boolean()),
          /** Emergencies its entry rules state: for showing; the rules themselves apply them. */
          emergencies: Type.Optional(Type.Array(EmergencyTerm, { maxItems: 20 })),
          /** What nodes of this flow watch at it: an alarm that none of them can end is over. Absent: not said. */
          watched: Type.Optional(
            Closed({
              kinds: Type.Array(OneOf(watchedKinds), { uniqueItems: true }),
              /** Names of readers, as `level` tells of them. */
              readers: Type.Array(Type.String({ maxLength: 64 }), { uniqueItems: true }),
            }),
          ),
        }),
        { maxItems: 200 },
      ),
      cameras: Type.Array(CameraConfig, { maxItems: 200 }),
      /** How each `face-match` node looks. A look that was not declared exactly so is refused. */
      looks: Type.Array(
        Closed({ node: Type.String({ maxLength: 64 }), door: Id, camera: Id, settings: LookSettings }),
        {
          default: [],
          maxItems: 400,
        },
      ),
      /** What residents would agree to, generated from this flow (core/policy): one notice covers these doors. */
      notices: Type.Array(
        Closed({
          method: OneOf(["face"]),
          doors: Type.Array(Id, { uniqueItems: true }),
          /** SHA-256 of purpose, method, data, storage, processors, retention: a change suspends older consents. */
          material: Type.String({ pattern: "^[0-9a-f]{64}$" }),
          texts: Closed({ "zh-CN": Type.String(), "zh-TW": Type.String(), "en-US": Type.String() }),
        }),
        { default: [], maxItems: 200 },
      ),
      flow: Closed({
        hash: Type.String({ pattern: "^[0-9a-f]{64}$" }),
        /** What the flow rules found; any finding leaves face and relays unarmed. */
        findings: Type.Array(Finding, { maxItems: 500 }),
        /** The record of processing made from it, kept for its years. */
        record: Type.Optional(
          Closed({ "zh-CN": Type.String(), "zh-TW": Type.String(), "en-US": Type.String() }),
        ),
      }),
    }),
    Closed({ faceArmed: Type.Boolean(), relaysArmed: Type.Boolean() }),
  ),
  health: verb(
    Empty,
    Closed({
      status: OneOf(["ok", "degraded"]),
      site: Type.Optional(Type.String()),
      log: Closed({ size: Type.Integer(), origin: Type.String(), vkey: Type.String() }),
      keys: Closed({ generation: Type.Integer(), store: OneOf(["slots", "systemd-creds"]) }),
      faces: Closed({
        ready: Type.Boolean(),
        missing: Type.Array(Type.String()),
        progress: Type.Optional(Type.Number()),
        enrolled: Type.Integer(),
        problem: Type.Optional(Type.String({ description: "code of what keeps faces off" })),
        pack: Type.Optional(Type.String({ description: "which models, as `models/models.json` names them" })),
        outdated: Type.Optional(
          Type.Integer({ description: "people whose face another pack described: they have to enrol again" }),
        ),
      }),
      /** Readers that are watched: dead ones lock out whoever refuses a face (RD-03). */
      readers: Type.Optional(Type.Array(Closed({ door: Id, name: Type.String(), alive: Type.Boolean() }))),
      cameras: Type.Array(
        Closed({
          id: Id,
          state: OneOf(["idle", "live", "silent", "frozen"]),
          ageMs: Type.Optional(Type.Number()),
          problem: Type.Optional(Type.String({ description: "code of what last went wrong" })),
        }),
      ),
      armed: Closed({ face: Type.Boolean(), relays: Type.Boolean() }),
      /** Absent: the running flow is one that may act. */
      off: Type.Optional(Off),
    }),
  ),
} as const;
