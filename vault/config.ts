import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readCatalogue } from "../core/faces/models.ts";
import { addressesOf } from "../core/people/party.ts";

/** Where the vault keeps what it keeps, and how it was asked to behave. All from the environment it was started with. */
export interface VaultConfig {
  /** Data folder: databases, key slots, the log's tiles. */
  data: string;
  /** Unix socket (or Windows pipe) for the flow and the pages. */
  socket: string;
  /** A second one, mode 0600, for the operator of the box: the `limen` command. */
  operatorSocket: string;
  /** Where the published log goes: static files for whoever serves them. */
  audit: string;
  /** The papers a face needs before it may start, as the flow rules read them. */
  papers: string;
  /** Folders searched for model weights before any download. */
  models: string[];
  /** Which models faces are looked at with: a pack of `models.json`. */
  pack: string;
  /** May weights be fetched from their named sources? */
  download: boolean;
  /** MQTT broker of cameras that publish pictures, e.g. `mqtt://127.0.0.1:18830`. */
  mqtt: string | undefined;
  /** Addresses people type, as origins (`https://doors.example.org`), the first one for links; none: not known. */
  addresses: string[];
  /** The log's origin line (tlog-checkpoint): a schema-less URL; undefined: one made from the site's keys. */
  origin: string | undefined;
  /** Keep keys on a disk that cannot overwrite in place (containers): said in health and in every erasure receipt. */
  allowUnsafeDisk: boolean;
  /** Face worker threads. */
  threads: number;
  /** An outside box that cosigns the log's checkpoints; both or neither. */
  witness: { url: string; vkey: string } | undefined;
}

/** Longest path a Unix socket may have, bytes (`sun_path` less its closing zero). */
const longestSocket = 107;

/**
 * Reads `LIMEN_*` of an environment; see docs/installers.md for each.
 * @throws Error naming the variable at fault
 */
export function readConfig(env: NodeJS.ProcessEnv, root: string): VaultConfig {
  const data = env.LIMEN_DATA ?? join(root, "data");
  const socket = env.LIMEN_SOCKET ?? socketPath(data, "vault");
  const threads = Number(env.LIMEN_FACE_THREADS ?? 1);
  if (!Number.isInteger(threads) || threads < 1 || threads > 8) {
    throw new Error("LIMEN_FACE_THREADS must be a whole number from 1 to 8");
  }
  return {
    data,
    socket,
    operatorSocket: env.LIMEN_OPERATOR_SOCKET ?? socketPath(data, "operator"),
    audit: env.LIMEN_AUDIT ?? join(data, "audit"),
    papers: env.LIMEN_PAPERS ?? join(data, "papers.json"),
    models: [...(env.LIMEN_MODELS ? [env.LIMEN_MODELS] : []), join(data, "models"), join(root, "models")],
    pack: packOf(env),
    download: env.LIMEN_DOWNLOAD !== "0",
    mqtt: env.LIMEN_MQTT_URL,
    addresses: addressesOf(env.LIMEN_URL),
    origin: env.LIMEN_ORIGIN,
    allowUnsafeDisk: env.LIMEN_ALLOW_UNSAFE_DISK === "1",
    threads,
    witness: witnessOf(env),
  };
}

function packOf({ LIMEN_PACK: pack = "core" }: NodeJS.ProcessEnv): string {
  const known = knownPacks();
  if (known && !known.includes(pack)) throw new Error(`LIMEN_PACK must be one of: ${known.join(", ")}`);
  return pack;
}

/** Undefined with a catalogue that cannot be read: faces are off then and say why, and cards go on. */
function knownPacks(): string[] | undefined {
  try {
    return Object.keys(readCatalogue().packs);
  } catch {
    return undefined;
  }
}

function witnessOf({
  LIMEN_WITNESS_URL: url,
  LIMEN_WITNESS_KEY: vkey,
}: NodeJS.ProcessEnv): VaultConfig["witness"] {
  if (url === undefined && vkey === undefined) return undefined;
  if (url === undefined || vkey === undefined) {
    throw new Error("LIMEN_WITNESS_URL and LIMEN_WITNESS_KEY go together");
  }
  return { url, vkey };
}

/**
 * The socket of one data folder.
 * @param name `vault` or `operator`
 * @throws Error when the folder's path is too long for a socket
 */
export function socketPath(data: string, name: "vault" | "operator"): string {
  if (process.platform === "win32") return `\\\\.\\pipe\\limen-${name}-${data.replace(/[^a-zA-Z0-9]/g, "-")}`;
  const path = join(data, "run", `${name}.sock`);
  if (Buffer.byteLength(path) > longestSocket) {
    throw new Error(
      `LIMEN_DATA is too long for a socket (${path}): set LIMEN_SOCKET and LIMEN_OPERATOR_SOCKET`,
    );
  }
  return path;
}

/** The project's folder: the nearest one above this file with a package.json, whether run from source or from dist. */
export const projectRoot: string = (() => {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) throw new Error("no package.json above the vault");
  }
})();
