import { LimenError } from "../../../core/errors.ts";
import { flowHash } from "../../../core/policy/flow-hash.ts";
import type { Document } from "../../../core/policy/papers/document.ts";
import { siteFacts } from "../../../core/policy/papers/facts.ts";
import { paper, paperKinds, toHtml, toText } from "../../../core/policy/papers/index.ts";
import { printPdf } from "../../../core/policy/papers/print/printer.ts";
import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { Id, type Role } from "../../../vault/protocol/common.ts";
import { FileAnswer, fileRoute } from "../files.ts";
import { type ApiDeps, route } from "../route.ts";
import { Language, present } from "../shapes.ts";

/** Who answers for a site, watches over it, or wires it. Nothing here is about a person. */
const readers: readonly Role[] = ["manager", "privacy-officer", "auditor", "technician"];

/** The flow that runs, or the one that lacks nothing but its papers. @throws LimenError `not-configured`, `no-draft` */
export function flowOf(
  { flow, draft }: Pick<ApiDeps, "flow" | "draft">,
  of: "running" | "draft",
): readonly object[] {
  const found = of === "draft" ? draft() : flow();
  if (found) return found;
  throw of === "draft"
    ? new LimenError("no-draft", { status: 404 })
    : new LimenError("not-configured", { status: 503 });
}

export const OfFlow = OneOf(["running", "draft"], {
  default: "running",
  description: "the flow that runs, or the one a deploy refused because it lacks nothing but its papers",
});

export const formats = ["html", "text", "pdf"] as const;

interface FileWanted {
  format: (typeof formats)[number];
  /** Of the file, without language and ending. */
  name: string;
  /** SHA-256 of the flow it was made from, lower-case hex. */
  hash: string;
  made: Date;
  /** Where the paper in force can be read, for its QR code. */
  link?: string;
}

/** A paper as the file that was asked for. */
export async function fileOf(
  document: Document,
  { format, name, hash, made, link }: FileWanted,
): Promise<{ type: string; content: string; encoding?: "base64"; name?: string; flow: string }> {
  if (format === "html") return { type: "text/html; charset=utf-8", content: toHtml(document), flow: hash };
  if (format === "text") return { type: "text/plain; charset=utf-8", content: toText(document), flow: hash };
  const pdf = await printPdf(document, { made, hash, ...(link === undefined ? {} : { link }) });
  const file = `${name}-${document.language}.pdf`;
  return {
    type: "application/pdf",
    content: pdf.toString("base64"),
    encoding: "base64",
    name: file,
    flow: hash,
  };
}

/** The notice's page on this box; none where only the box itself could open it. */
function noticeLink(origin: string, door: string | undefined): string | undefined {
  const { hostname } = new URL(origin);
  const here = hostname === "localhost" || hostname.startsWith("127.") || hostname === "[::1]";
  return here || door === undefined ? undefined : `${origin}/notice/${door}`;
}

/** The papers the running flow makes of itself, and the facts that papers on record must be about. */
export const papers = [
  fileRoute({
    method: "get",
    path: "/notices/consent-form",
    summary:
      "The sheet somebody signs instead of pressing: of the notice in force at a door, with a box for each of its doors.",
    roles: ["manager", "desk", "privacy-officer"],
    query: Closed({
      door: Id,
      language: Type.Optional(Language),
      format: OneOf(formats, { default: "pdf" }),
    }),
    answer: FileAnswer,
    async handle(call) {
      const { door, format, language = call.language } = call.query;
      const flow = flowOf(call, "running");
      const hash = flowHash(flow);
      const notice = await call.vault.call("notice.current", { method: "face", door, language });
      const document = paper(flow, "consent-form", { language, hash, door, notice });
      const link = noticeLink(call.origin, door);
      const made = call.clock.now();
      return fileOf(document, { format, name: "limen-consent-form", hash, made, ...present({ link }) });
    },
  }),
  fileRoute({
    method: "get",
    path: "/flow/papers/{kind}",
    summary:
      "A paper made from the running flow and the register of processors: door notice, consent form, notice on entry without a face, data flow, draft of the assessment, record of processing.",
    roles: readers,
    params: Closed({ kind: OneOf(paperKinds) }),
    query: Closed({
      language: Type.Optional(Language),
      format: OneOf(formats, { default: "html" }),
      door: Type.Optional(Id),
      of: OfFlow,
    }),
    answer: FileAnswer,
    async handle(call) {
      const { door, format, language = call.language, of } = call.query;
      const flow = flowOf(call, of);
      const { kind } = call.params;
      const faces = siteFacts(flow).doors.filter(({ face }) => face);
      if (door !== undefined && !faces.some(({ id }) => id === door))
        throw new LimenError("not-found", { status: 404 });
      const hash = flowHash(flow);
      const { recipients: register } = await call.vault.call("recipient.list", {});
      const document = paper(flow, kind, {
        language,
        hash,
        register,
        ...(door === undefined ? {} : { door }),
      });
      const posted = kind === "notice" || kind === "consent-form";
      const link = posted ? noticeLink(call.origin, door ?? faces[0]?.id) : undefined;
      const name = `limen-${kind}`;
      const made = call.clock.now();
      return fileOf(document, { format, name, hash, made, ...(link === undefined ? {} : { link }) });
    },
  }),
  route({
    method: "get",
    path: "/flow/facts",
    summary: "For each door of a flow with a face: what papers on record must be about to be in force.",
    roles: readers,
    query: Closed({ of: OfFlow }),
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
      const flow = flowOf(call, call.query.of);
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
