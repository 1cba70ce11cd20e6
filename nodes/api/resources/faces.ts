import { Closed, Type } from "../../../core/schema.ts";
import { Opaque } from "../../../vault/protocol/common.ts";
import { LookHint } from "../../../vault/protocol/entry.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { route } from "../route.ts";
import { byId } from "../shapes.ts";

export const faces = [
  route({
    method: "put",
    path: "/persons/{id}/face",
    summary:
      "Enrol or renew a face from 1 to 10 pictures. Needs a live consent; the pictures are never stored.",
    roles: verbs["face.enrol"].roles!,
    fresh: verbs["face.enrol"].fresh,
    params: byId,
    upload: "frames",
    limit: "enrol",
    answer: Closed({
      template: Opaque,
      quality: Type.Number({ description: "0 to 1" }),
      frames: Type.Integer({ description: "pictures looked at" }),
      used: Type.Integer({ description: "pictures good enough to use" }),
      needs_second_method: Type.Boolean({
        description: "somebody else's face is too close: here a second way is needed; never who",
      }),
    }),
    async handle({ vault, auth, params, frames }) {
      const { needsSecondMethod, ...rest } = await vault.call(
        "face.enrol",
        { auth, person: params.id },
        frames,
      );
      return { ...rest, needs_second_method: needsSecondMethod };
    },
  }),
  route({
    method: "post",
    path: "/persons/{id}/face/framing",
    summary:
      "What is wrong with one picture before an enrolment: size, place, light. Needs a live consent; compared with nobody, never stored.",
    roles: verbs["face.framing"].roles!,
    params: byId,
    upload: "jpeg",
    limit: "framing",
    answer: Closed({ hint: Type.Optional(LookHint) }, { description: "no hint: the picture will do" }),
    handle: ({ vault, auth, params, frames }) =>
      vault.call("face.framing", { auth, person: params.id }, frames),
  }),
  route({
    method: "delete",
    path: "/persons/{id}/face",
    summary: "Remove a face. Answers with the erasure to follow.",
    roles: verbs["face.remove"].roles!,
    params: byId,
    answer: Closed({ erasure: Opaque }),
    status: 202,
    handle: ({ vault, auth, params }) => vault.call("face.remove", { auth, person: params.id }),
  }),
];
