import type { NodeAPI } from "node-red";
import { LimenError } from "../../core/errors.ts";
import { type Language, languages, sentence } from "../../core/words.ts";
import { say } from "../lib/errors.ts";
import { vaultOf } from "../lib/vault.ts";
import { OsdpLine } from "../limen-bus/osdp.ts";

/** How long an operator has to put the reader into install mode, seconds. */
const seconds = 60;

/**
 * Pairing an OSDP reader from the editor, or giving a working one a new key: an act of whoever may deploy, for one reader, over within a minute, and over
 * when they close the page. No message can start it. The key never leaves this process but to the reader and its store.
 */
export default function osdpPairing(RED: NodeAPI): void {
  const lineOf = (id: string): OsdpLine => {
    const node = RED.nodes.getNode(id) as { limen?: { service?: unknown } } | null;
    const line = node?.limen?.service;
    if (!(line instanceof OsdpLine)) throw new LimenError("osdp-not-deployed", { status: 404 });
    return line;
  };

  RED.httpAdmin.get(
    "/limen/osdp/:bus",
    RED.auth.needsPermission("flows.read"),
    ({ params: { bus } }, response) => {
      try {
        const readers = lineOf(String(bus)).readers.map(({ address, state, present }) => ({
          address,
          state,
          present,
        }));
        response.set("Cache-Control", "no-store").json({ readers });
      } catch (error) {
        const { status, code } = refusal(error);
        response.status(status).json({ code });
      }
    },
  );

  RED.httpAdmin.post(
    "/limen/osdp/:bus/:address/pair",
    RED.auth.needsPermission("flows.write"),
    ({ params: { bus, address }, query, user }, response) => {
      const language = languages.find((one) => one === query.lang) ?? "en-US";
      const gone = new AbortController();
      response.on("close", () => gone.abort());
      const under = query.under === "own" ? "own" : "public";
      pair(String(bus), Number(address), { under, signal: gone.signal }, nameOf(user)).then(
        () => response.json({ paired: true }),
        (error) => {
          const { status, code } = refusal(error);
          if (!response.destroyed) response.status(status).json({ code, message: told(error, language) });
        },
      );
    },
  );

  /** On the record either way; a vault that is away does not undo a key that the reader has by now. */
  const record = async (line: string, address: number, outcome: "paired" | "failed", by: string) =>
    vaultOf(RED)
      .call("reader.pairing", { line, address, outcome, by })
      .catch((error) => RED.log.warn(`pairing not recorded: ${String((error as LimenError).code)}`));

  const pair = async (
    bus: string,
    address: number,
    how: { under: "own" | "public"; signal: AbortSignal },
    by: string,
  ): Promise<void> => {
    const line = lineOf(bus);
    line.reader(address); // one the line does not have is a mistake, not a pairing that failed
    try {
      await line.pair(address, { seconds, ...how });
    } catch (error) {
      await record(bus, address, "failed", by);
      throw error;
    }
    await record(bus, address, "paired", by);
    await (RED.nodes as unknown as Credentials).addCredentials(bus, { keys: line.keys });
  };

  RED.plugins.registerPlugin("limen-osdp-pairing", { type: "limen-osdp-pairing" });
}

/** The part of Node-RED's runtime that its types lack a good word for. */
interface Credentials {
  addCredentials(id: string, credentials: object): Promise<void> | void;
}

const nameOf = (user: unknown): string =>
  String((user as { username?: unknown } | undefined)?.username ?? "anonymous").slice(0, 80);

const refusal = (error: unknown): { status: number; code: string } =>
  error instanceof LimenError
    ? { status: error.status ?? 400, code: error.code }
    : { status: 500, code: "internal" };

/** Why it failed, and what to do about it. */
function told(error: unknown, language: Language): string {
  const { message } = say(error, language);
  const reason = error instanceof LimenError ? error.params.reason : undefined;
  const key = `osdp-pairing.${String(reason)}`;
  const why = reason === undefined ? key : sentence(language, key);
  return why === key ? message : `${message} ${why}`;
}
