import type { NodeAPI } from "node-red";
import { type Source, sourcesOf } from "../../core/policy/sources.ts";
import { Recorder } from "../door-watch/recorder.ts";
import { vaultOf } from "../lib/vault.ts";

/** A line that is away for a restart or a moment's unplugging is no alarm, ms. */
const graceMs = 15_000;

/** A line that shows one of these is not back: being tried again (*tcp in* grey, others yellow) is neither that nor being dead for longer. */
const notBack = new Set<string | undefined>(["red", "yellow", "grey"]);

interface Watched extends Source {
  due?: NodeJS.Timeout | undefined;
  silent: boolean;
  /** Found well since Node-RED started: whatever was said of it before is over. */
  met: boolean;
}

/** What Node-RED tells of any node's status; none: it was removed, or cleared. */
interface NodeStatus {
  id: string;
  status?: { fill?: string };
}

/** As the record names a line's reader. */
const nameOf = ({ type, key }: Source): string => `${type} ${key}`.slice(0, 64);

/** The readers that are watched by their lines, each at its doors. */
export const lineReaders = (flow: readonly unknown[]): { door: string; name: string }[] =>
  sourcesOf(flow).flatMap((source) => source.doors.map((door) => ({ door, name: nameOf(source) })));

/**
 * Watches the lines readers speak through (*serial in*, *mqtt in*, *tcp in*, …) by their own status: one that shows red
 * for a quarter of a minute is a dead reader for every door behind it, and the top alarm there. Readers on a line of
 * ours (OSDP) are watched by *card-read*, those that say `alive` themselves by *door-watch*.
 * @param grace ms
 * @returns lets go of the vault
 */
export function waysAlive(RED: NodeAPI, grace = graceMs): () => void {
  /** The last colour of every node, because the lines speak before the flow has started. */
  const colours = new Map<string, string>();
  const watched = new Map<string, Watched>();
  const vault = vaultOf(RED);
  const fail = (error: unknown): void => RED.log.warn(`[limen] ${String(error)}`);
  const recorder = new Recorder({ vault, fail }, () => {
    for (const one of watched.values()) if (one.silent || one.met) tell(one, !one.silent);
  });

  const tell = (source: Source, alive: boolean): void => {
    for (const door of source.doors) recorder.level({ door, reader: { name: nameOf(source), alive } });
  };
  const look = (one: Watched): void => {
    const colour = colours.get(one.key);
    if (colour === "red" && !one.silent) {
      one.due ??= setTimeout(() => {
        one.due = undefined;
        one.silent = true;
        tell(one, false);
      }, grace).unref();
      return;
    }
    if (notBack.has(colour)) return;
    if (!one.silent && !one.met && colour !== undefined) tell(one, true);
    one.met ||= colour !== undefined;
    rest(one);
  };
  const rest = (one: Watched): void => {
    clearTimeout(one.due);
    one.due = undefined;
    if (one.silent) tell(one, true);
    one.silent = false;
  };

  RED.events.on("node-status", ({ id, status }: NodeStatus) => {
    if (status?.fill === undefined) colours.delete(id);
    else colours.set(id, status.fill);
    const one = watched.get(id);
    if (one && status) look(one);
  });
  RED.events.on("flows:started", ({ config }: { config: { flows: object[] } }) => {
    const before = new Map(watched);
    watched.clear();
    for (const source of sourcesOf(config.flows)) {
      const old = before.get(source.key);
      const same = old?.doors.join() === source.doors.join();
      // one that goes on is what it was; another's alarm ends with it
      watched.set(source.key, same ? old! : { ...source, silent: false, met: false });
      if (same) before.delete(source.key);
    }
    for (const gone of before.values()) rest(gone);
    for (const one of watched.values()) look(one);
  });
  return () => recorder.close();
}

export default (RED: NodeAPI): void => void waysAlive(RED);
