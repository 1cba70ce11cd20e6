import type { EntryAttempt } from "../../core/entry/attempt.ts";
import { errorCode, LimenError } from "../../core/errors.ts";
import type { Request, VaultEvent } from "../../vault/protocol/index.ts";
import { onAct } from "../lib/acts.ts";
import { ask, attemptIn, attemptStatus, isWired, withAttempt } from "../lib/ask.ts";
import { defineNode } from "../lib/define-node.ts";
import { sharedWords } from "../lib/errors.ts";
import { registry } from "../lib/registry.ts";
import type { CameraService, DoorService } from "../lib/services.ts";
import type { Message, Outputs } from "../lib/types.ts";
import { buttonAct } from "./act.ts";
import { config, version } from "./config.ts";

/** More than anybody presses while a vault is away; the protocol takes no more. */
const mostUnanswered = 1000;

export default defineNode({
  type: "face-match",
  version,
  config,
  setup(context) {
    const { mode, flat, screen, buttons, risk, frames, agreeing, seconds, challenge } = context.config;
    const { door } = context.need<DoorService>(context.config.door);
    const { camera, door: cameraDoor } = context.need<CameraService>(context.config.camera);
    if (cameraDoor.id !== door.id) throw new LimenError("camera-elsewhere");
    if (agreeing > frames) throw new LimenError("config-invalid", { params: { field: "/agreeing" } });

    const settings = {
      mode,
      risk,
      frames,
      agreeing,
      seconds,
      ...(mode === "1:1" && flat ? { flat } : {}),
      ...(challenge === "none" ? {} : { challenge }),
    };
    registry.look({ node: context.id, door: door.id, camera, settings });

    /** Looks the vault gave no answer to: told with the next one, so that they are counted. */
    let unanswered = 0;
    const look = async (act: Request<"match">["act"], attempt?: string): Promise<EntryAttempt> => {
      context.status({ fill: "blue", shape: "dot", key: "status.looking" });
      const told = unanswered;
      unanswered = 0;
      try {
        const seen = await ask(context, "match", {
          door: door.id,
          node: context.id,
          camera,
          act,
          ...(attempt === undefined ? {} : { attempt }),
          settings,
          ...(told > 0 ? { unanswered: told } : {}),
        });
        context.status(attemptStatus(seen));
        return seen;
      } catch (error) {
        const lost = ["vault-away", "vault-timeout"].includes(errorCode(error)) ? 1 : 0;
        unanswered = Math.min(mostUnanswered, unanswered + told + lost);
        throw error;
      }
    };

    const shown = (armed: { faceArmed: boolean }): void =>
      context.status(
        armed.faceArmed
          ? { fill: "grey", shape: "ring", key: `${sharedWords}:status.ready` }
          : { fill: "yellow", shape: "ring", key: `${sharedWords}:status.unarmed` },
      );
    const heard = (event: VaultEvent): void => {
      const key = statusOf(event, door.id, camera);
      if (key === "status.camera-silent") context.status({ fill: "red", shape: "ring", key });
      else if (key === "status.camera-back") context.status({ fill: "grey", shape: "ring", key });
      else if (key) context.status({ fill: "blue", shape: "dot", key });
    };
    registry.on("configured", shown);
    context.vault.on("event", heard);
    const unlisten = (): void => {
      registry.off("configured", shown);
      context.vault.off("event", heard);
    };

    if (mode === "1:1") return { input: (message) => verify(message, look), close: unlisten };

    if (isWired(context)) registry.way(context.id, door.id, ["face"]);
    const fromScreen = async (act: Request<"match">["act"]): Promise<string> => {
      try {
        const attempt = await look(act);
        context.send([withAttempt({}, attempt)]);
        return attempt.id;
      } catch (error) {
        context.fail(error); // on the node as well as to whoever pressed
        throw error;
      }
    };
    const off = screen && isWired(context) ? onAct(door.id, "face", fromScreen) : undefined;
    return {
      async input(message) {
        const id = buttonAct(message, buttons);
        return id === undefined ? undefined : [withAttempt({}, await look({ kind: "button", id }))];
      },
      close() {
        unlisten();
        off?.();
      },
    };
  },
});

/**
 * 1:1: whoever showed a card or entered a code is compared with that one person, or after a room code with those of that flat,
 * whom only the vault knows; the attempt is the act.
 */
async function verify(
  message: Message,
  look: (act: Request<"match">["act"], attempt: string) => Promise<EntryAttempt>,
): Promise<Outputs> {
  const attempt = attemptIn(message);
  if (attempt.outcome === "denied") return [message];
  return [withAttempt(message, await look({ kind: "attempt", id: attempt.id }, attempt.id))];
}

/** What the vault says of this node's camera, as a status: what is being asked, or that it gives no pictures. */
function statusOf(event: VaultEvent, door: string, camera: string): string | undefined {
  if (event.event === "look" && event.camera === camera) return event.ask && `status.${event.ask}`;
  const tells = event.event === "door" && event.door === door && event.kind.startsWith("camera-");
  return tells ? `status.${event.kind}` : undefined;
}
