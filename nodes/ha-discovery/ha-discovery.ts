import {
  attemptOf,
  availability,
  discoveryOf,
  eventOf,
  leafState,
  lockState,
  type Places,
  type Told,
} from "../../core/devices/door/home-assistant.ts";
import { sentence } from "../../core/words.ts";
import type { VaultEvent } from "../../vault/protocol/index.ts";
import { defineNode } from "../lib/define-node.ts";
import { registry } from "../lib/registry.ts";
import type { Message } from "../lib/types.ts";
import { lastOpenedFor } from "../relay-out/doors.ts";
import { config, version } from "./config.ts";

/** Kinds that only a door's contact can tell, and how it then stands. */
const leaf: Readonly<Record<string, boolean>> = {
  forced: true,
  held: true,
  "held-warning": true,
  closed: false,
  "not-taken": false,
};

/** Tells Home Assistant what the doors do. It takes no command: nothing that arrives here can open anything. */
export default defineNode({
  type: "ha-discovery",
  config,
  version,
  setup: (context) => {
    const { prefix, base, attempts } = context.config;
    const locks = new Map<string, NodeJS.Timeout | undefined>();
    const contacts = new Set<string>();

    const places = (): Places => ({ prefix, base, site: registry.findSite()?.id ?? "site" });
    const tell = (told: readonly (Told | undefined)[]): void => {
      const messages = told.filter((one) => one !== undefined);
      if (messages.length > 0) context.send([messages as unknown as Message[]]);
    };

    const announce = (): void => {
      const site = registry.findSite();
      if (!site) return;
      const label = sentence(site.languages[0] ?? "en-US", "ha.events");
      tell([
        ...registry.allDoors.map((door) => discoveryOf(places(), door, { label, attempts, version: "1" })),
        availability(places(), true),
        ...registry.allDoors.map(({ id }) => lockState(places(), id, locks.get(id) !== undefined)),
      ]);
      context.status({ fill: "green", shape: "ring", key: "status.told" });
    };

    /** The lock is released for its time; the relay says no second word when that is over. */
    const unlocked = (door: string): void => {
      clearTimeout(locks.get(door));
      const ms = lastOpenedFor(door) ?? (registry.findDoor(door)?.openSeconds ?? 5) * 1000;
      const shut = setTimeout(() => {
        locks.delete(door);
        tell([lockState(places(), door, false)]);
      }, ms);
      locks.set(door, shut);
      tell([
        lockState(places(), door, true),
        ...(contacts.has(door) ? [leafState(places(), door, true)] : []),
      ]);
    };

    const hear = (event: VaultEvent): void => {
      if (event.event === "attempt") {
        const { door, code, outcome } = event.attempt;
        if (attempts && code !== undefined && outcome !== "pending") tell([attemptOf(places(), door, code)]);
        return;
      }
      if (event.event !== "door") return;
      const { door, kind } = event;
      if (kind === "opened") unlocked(door);
      const open = leaf[kind];
      if (open !== undefined) contacts.add(door);
      tell([open === undefined ? undefined : leafState(places(), door, open), eventOf(places(), door, kind)]);
    };

    registry.on("configured", announce);
    context.vault.on("event", hear);
    context.status({ fill: "grey", shape: "ring", key: "status.waiting" });
    if (registry.armed) announce();

    return {
      // Home Assistant says on its own topic that it has come back and knows nothing
      input: ({ topic, payload }) => {
        const text = Buffer.isBuffer(payload) ? payload.toString() : payload;
        if (topic === `${prefix}/status` && text === "online") announce();
        return undefined;
      },
      close: () => {
        registry.off("configured", announce);
        context.vault.off("event", hear);
        for (const shut of locks.values()) clearTimeout(shut);
        tell([availability(places(), false)]);
      },
    };
  },
});
