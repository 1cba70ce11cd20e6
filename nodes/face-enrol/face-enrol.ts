import { LimenError } from "../../core/errors.ts";
import { ask } from "../lib/ask.ts";
import { defineNode } from "../lib/define-node.ts";
import type { CameraService } from "../lib/services.ts";
import { config, credentials, version } from "./config.ts";

const personId = /^person_[0-9a-z]{16}$/;

export default defineNode({
  type: "face-enrol",
  version,
  config,
  credentials,
  setup(context) {
    const { camera, door } = context.need<CameraService>(context.config.camera);
    const auth = context.credentials.token;
    return {
      async input({ _msgid, payload }) {
        const person = (payload as { person?: unknown } | undefined)?.person;
        if (typeof person !== "string" || !personId.test(person)) throw new LimenError("not-a-session");
        if (!auth) throw new LimenError("token-missing", { status: 401 });
        context.status({ fill: "blue", shape: "dot", key: "status.looking" });
        const enrolled = await ask(context, "face.enrol", { auth, person, camera });
        context.status({ fill: "green", shape: "dot", key: "status.enrolled" });
        const event = { kind: "face-enrolled", door: door.id, person, ...enrolled };
        return [{ ...(_msgid === undefined ? {} : { _msgid }), topic: "face-enrolled", payload: event }];
      },
    };
  },
});
