import type { Node, NodeAPI, NodeDef } from "node-red";
import { errorCode, LimenError } from "../../core/errors.ts";
import type { Static, TObject } from "../../core/schema.ts";
import { type Language, languages } from "../../core/words.ts";
import type { VaultClient } from "../../vault/client.ts";
import { readConfig } from "./config.ts";
import { framesOf, say, sharedWords } from "./errors.ts";
import { rememberSpec } from "./node-fault.ts";
import type { Panel } from "./panel.ts";
import { registry } from "./registry.ts";
import type { Message, NodeContext, NodeHandlers, NodeSpec, Outputs, Status } from "./types.ts";
import { vaultOf } from "./vault.ts";

/** What Node-RED loads: the node's registration, with its specification beside it for tests and tools. */
export interface NodeModule<S extends TObject = TObject> {
  (RED: NodeAPI): void;
  spec: NodeSpec<S>;
}

/** Where `need` finds another node's service. */
interface Mounted extends Node {
  limen?: { service: unknown; panel?: Panel };
}

type Send = (message: unknown) => void;
type Done = (error?: Error) => void;

const away: Status = { fill: "red", shape: "ring", key: `${sharedWords}:error.vault-away` };

/**
 * The one way a Limen node meets Node-RED: settings checked, every handler awaited, every path ending in `done()` or
 * `done(error)`. Node-RED does not await an async handler, and a rejected one ends the process; so no node registers a
 * handler of its own.
 */
export function defineNode<S extends TObject>(spec: NodeSpec<S>): NodeModule<S> {
  const register = (RED: NodeAPI): void => {
    function LimenNode(this: Node, raw: NodeDef): void {
      RED.nodes.createNode(this, raw);
      mount(RED, this as Mounted, raw, spec);
    }
    rememberSpec(spec.type, spec);
    const credentials = Object.entries(spec.credentials ?? {}).map(([name, type]) => [name, { type }]);
    RED.nodes.registerType(
      spec.type,
      LimenNode,
      credentials.length > 0 ? { credentials: Object.fromEntries(credentials) } : {},
    );
  };
  return Object.assign(register, { spec });
}

function mount<S extends TObject>(RED: NodeAPI, node: Mounted, raw: NodeDef, spec: NodeSpec<S>): void {
  const language = languageOf(RED);
  let vault: VaultClient | undefined;
  let shown: Status | undefined;
  const paint = (): void => {
    const status = vault && !vault.up ? away : shown;
    if (!status) node.status({});
    else node.status({ fill: status.fill, shape: status.shape, text: textKey(spec.type, status.key) });
  };
  const show = (status: Status | undefined): void => {
    shown = status;
    paint();
  };
  /** Puts an error on the node and answers with what may be said of it. */
  const report = (error: unknown): Error => {
    show({ fill: "red", shape: "ring", key: `${sharedWords}:error.${errorCode(error)}` });
    if (error instanceof Error && !(error instanceof LimenError)) {
      RED.log.error(`[${spec.type}:${node.id}] ${error.name}\n${framesOf(error)}`);
    }
    return say(error, language);
  };

  const begin = (): NodeHandlers | Promise<NodeHandlers> => {
    vault = vaultOf(RED);
    const context: NodeContext<Static<S>> = {
      RED,
      node,
      id: node.id,
      config: readConfig(spec, raw as unknown as Record<string, unknown>),
      credentials: { ...((node as { credentials?: Record<string, string> }).credentials ?? {}) },
      vault,
      need: <Other>(id: string): Other => {
        const other = id ? (RED.nodes.getNode(id) as Mounted | null) : null;
        if (other?.limen?.service === undefined) throw new LimenError("config-missing");
        return other.limen.service as Other;
      },
      status: show,
      fail: (error) => node.error(report(error), {}),
      send: (outputs) => node.send(outputs as never),
    };
    return spec.setup(context);
  };

  let ready: Promise<NodeHandlers>;
  try {
    const handlers = begin();
    // a config node is asked for its service as soon as the next node is made
    if (!(handlers instanceof Promise)) {
      const { service, panel } = handlers;
      node.limen = { service, ...(panel && { panel }) };
    }
    ready = Promise.resolve(handlers);
  } catch (error) {
    ready = Promise.reject(error);
  }
  ready.catch((error) => node.error(report(error)));

  const handle = async (message: Message, send: Send, done: Done): Promise<void> => {
    try {
      const { input } = await ready;
      const out = await input?.(message, (outputs: Outputs) => send(outputs));
      if (out) send(out);
    } catch (error) {
      done(report(error));
      return;
    }
    done();
  };
  node.on("input", (message, send, done) => {
    handle(message as Message, send as Send, done).catch((error) => node.error(report(error)));
  });

  const repaint = (): void => paint();
  vault?.on("up", repaint).on("down", repaint);
  if (vault && !vault.up) paint();

  const close = async (removed: boolean): Promise<void> => {
    vault?.off("up", repaint).off("down", repaint);
    registry.forget(node.id);
    const handlers = await ready.catch(() => undefined);
    await handlers?.close?.(removed);
  };
  node.on("close", (removed: boolean, done: () => void) => {
    close(removed)
      .catch((error) => node.error(say(error, language)))
      .finally(done);
  });
}

/** A status key is the node's own (`status.granted`) unless it names its catalogue (`limen/limen-editor:error.…`). */
const textKey = (type: string, key: string): string => (key.includes(":") ? key : `${type}.${key}`);

function languageOf(RED: NodeAPI): Language {
  const wanted = (RED.settings as unknown as { lang?: string }).lang;
  return languages.find((language) => language === wanted) ?? "en-US";
}
