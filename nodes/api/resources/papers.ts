import { LimenError } from "../../../core/errors.ts";
import { flowHash } from "../../../core/policy/flow-hash.ts";
import type { Document } from "../../../core/policy/papers/document.ts";
import { siteFacts } from "../../../core/policy/papers/facts.ts";
import { paper, paperKinds, toHtml, toText } from "../../../core/policy/papers/index.ts";
import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { Id, type Role } from "../../../vault/protocol/common.ts";
import { FileAnswer, fileRoute } from "../files.ts";
import { type ApiDeps, route } from "../route.ts";
import { Language } from "../shapes.ts";

/** Who answers for a site, watches over it, or wires it. Nothing here is about a person. */
const readers: readonly Role[] = ["manager", "privacy-officer", "auditor", "technician"];

function running({ flow }: Pick<ApiDeps, "flow">): readonly object[] {
  const now = flow();
  if (!now) throw new LimenError("not-configured", { status: 503 });
  return now;
}

const forms = {
  html: (document: Document) => ({ type: "text/html; charset=utf-8", content: toHtml(document) }),
  text: (document: Document) => ({ type: "text/plain; charset=utf-8", content: toText(document) }),
};

/** The papers the running flow makes of itself, and the facts that papers on record must be about. */
export const papers = [
  fileRoute({
    method: "get",
    path: "/flow/papers/{kind}",
    summary:
      "A paper made from the running flow: door notice, consent form, data flow, draft of the assessment, record of processing.",
    roles: readers,
    params: Closed({ kind: OneOf(paperKinds) }),
    query: Closed({
      language: Type.Optional(Language),
      format: OneOf(["html", "text"], { default: "html" }),
      door: Type.Optional(Id),
    }),
    answer: FileAnswer,
    handle(call) {
      const flow = running(call);
      const { door, format, language = call.language } = call.query;
      const { kind } = call.params;
      const known = siteFacts(flow).doors.some(({ id, face }) => id === door && face);
      if (door !== undefined && !known) throw new LimenError("not-found", { status: 404 });
      const hash = flowHash(flow);
      const document = paper(flow, kind, { language, hash, ...(door === undefined ? {} : { door }) });
      return { ...forms[format](document), flow: hash };
    },
  }),
  route({
    method: "get",
    path: "/flow/facts",
    summary:
      "For each door of the running flow with a face: what papers on record must be about to be in force.",
    roles: readers,
    answer: Closed({
      flow: Type.String({ description: "SHA-256 of the running flow, lower-case hex" }),
      doors: Type.Array(
        Closed(
          {
            id: Id,
            name: Type.String(),
            mode: OneOf(["1:N", "1:1"]),
            facts: Type.String({ description: "to be cited as it is by notice and assessment" }),
          },
          { title: "DoorFacts" },
        ),
      ),
    }),
    handle(call) {
      const flow = running(call);
      const faces = siteFacts(flow).doors.filter(({ face }) => face);
      return {
        flow: flowHash(flow),
        doors: faces.map(({ id, name, material, spelt }) => ({
          id,
          name,
          mode: material.mode === "1:1" ? ("1:1" as const) : ("1:N" as const),
          facts: spelt,
        })),
      };
    },
  }),
];
