import { EventEmitter } from "node:events";
import type { NodeAPI } from "node-red";
import { FireLatch } from "../door-watch/fire-latch.ts";

/** Doors that fire holds released now. */
const burning = new Set<string>();
const told = new EventEmitter().setMaxListeners(0);

/** Whether fire holds this door released: nothing may shut it. */
export const isBurning = (door: string): boolean => burning.has(door);

/** From whoever watches the door's fire input: it has begun, or somebody has reset it. */
export function tellFire(door: string, on: boolean): void {
  if (on === burning.has(door)) return;
  if (on) burning.add(door);
  else burning.delete(door);
  told.emit(door, on);
}

/** @returns stops listening */
export function onFire(door: string, hear: (on: boolean) => void): () => void {
  told.on(door, hear);
  return () => void told.off(door, hear);
}

interface Deployed {
  id: string;
  type: string;
  door?: string;
  fire?: string;
  bus?: string;
  drive?: string;
  channel?: number;
}

const deployed = (RED: Pick<NodeAPI, "nodes">): Deployed[] => {
  const found: Deployed[] = [];
  RED.nodes.eachNode((node) => void found.push(node as unknown as Deployed));
  return found;
};

const isWatched = (all: readonly Deployed[], door: string): boolean =>
  all.some((node) => node.type === "door-watch" && node.door === door && (node.fire ?? "none") !== "none");

/**
 * Takes up what stood when we were last here: read before any output of the door moves, whichever node comes first. A
 * door that is not watched for fire any more is held by none.
 * @param node the door's configuration node
 * @param door its id
 */
export function takeUpFire(RED: Pick<NodeAPI, "nodes" | "settings">, node: string, door: string): void {
  const watched = isWatched(deployed(RED), node);
  if (!watched) tellFire(door, false);
  else if (new FireLatch(RED, door).set) tellFire(door, true);
}

/** Relays of a board whose doors fire holds released: the board must not be told OFF before those doors have spoken. */
export function channelsUnderFire(RED: Pick<NodeAPI, "nodes" | "settings">, bus: string): number[] {
  const all = deployed(RED);
  const doors = new Map(
    all.filter(({ type }) => type === "limen-door").map(({ id, door = "" }) => [id, door]),
  );
  return all
    .filter(({ type, drive, bus: line }) => type === "relay-out" && drive === "bus" && line === bus)
    .filter(({ door = "" }) => isWatched(all, door) && new FireLatch(RED, doors.get(door) ?? "").set)
    .map(({ channel = 1 }) => channel);
}
