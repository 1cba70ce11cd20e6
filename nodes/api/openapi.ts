import type { TSchema } from "../../core/schema.ts";
import { purposes } from "../../vault/protocol/common.ts";
import { FileAnswer } from "./files.ts";
import type { Route } from "./route.ts";
import { emptyAnswer } from "./shapes.ts";
import { maxFrameBytes, maxFrames } from "./uploads.ts";

type Json = Record<string, unknown>;

const problem: Json = {
  type: "object",
  required: ["type", "title", "status", "code"],
  properties: {
    type: { type: "string" },
    title: { type: "string", description: "a sentence in the request's language" },
    status: { type: "integer" },
    code: { type: "string", description: "for programs: one of a closed list" },
    field: { type: "string", description: "JSON pointer to the field at fault" },
  },
};

/** The OpenAPI 3.1 document of a table of routes: the same schemas that check every call. */
export function openApi(routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const line of routes) {
    paths[line.path] ??= {};
    paths[line.path]![line.method] = operation(line);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Limen",
      version: "1",
      summary: "Doors that open without a face, and faces only with consent.",
    },
    servers: [{ url: "/api/v1" }],
    paths,
    components: {
      schemas: { Problem: problem },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        cookie: { type: "apiKey", in: "cookie", name: "limen_session" },
      },
    },
  };
}

function operation(line: Route): Json {
  return {
    operationId: `${line.method}${line.path.replace(/[/{}-]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary: line.summary,
    tags: [line.path.split("/")[1]],
    // A vendor field, so that the role × endpoint matrix is tested from this document and not from the code.
    "x-roles": line.roles,
    // of these a password or passkey given moments ago, else 403 `fresh-sign-in-needed`
    ...(line.fresh ? { "x-fresh": line.fresh } : {}),
    // what a session that nobody used for a while may still ask; the rest is 403 `session-rests`
    ...(line.atRest ? { "x-at-rest": true } : {}),
    security: line.roles === "public" ? [{}] : [{ bearer: [] }, { cookie: [] }],
    parameters: parameters(line),
    ...(line.body || line.upload ? { requestBody: { required: true, content: content(line) } } : {}),
    responses: {
      ...success(line),
      default: {
        description: "What went wrong (RFC 9457)",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

function parameters(line: Route): Json[] {
  const list: Json[] = [];
  const add = (place: string, properties: Record<string, TSchema>, required: readonly string[]) => {
    for (const [name, schema] of Object.entries(properties))
      list.push({ name, in: place, required: required.includes(name), schema });
  };
  if (line.params) add("path", line.params.properties, Object.keys(line.params.properties));
  if (line.query) add("query", line.query.properties, needed(line.query));
  if (line.purpose)
    list.push({
      name: "Limen-Purpose",
      in: "header",
      // a resident, who looks at nobody else's data, says none
      required: line.purpose === true,
      schema: { enum: [...purposes] },
    });
  if (line.method !== "get" && line.roles !== "public")
    list.push({
      name: "Limen-CSRF",
      in: "header",
      required: false,
      description: "the session's csrf value; needed with the cookie, not with a bearer token",
      schema: { type: "string" },
    });
  return list;
}

/** What a question must say; what has a default may be left out. */
const needed = ({ properties, required }: NonNullable<Route["query"]>): string[] =>
  ((required ?? []) as string[]).filter((name) => !Object.hasOwn(properties[name] ?? {}, "default"));

function content(line: Route): Json {
  if (line.upload === "jpeg")
    return { "image/jpeg": { schema: { type: "string", contentMediaType: "image/jpeg" } } };
  if (line.upload === "frames")
    return {
      "multipart/form-data": {
        schema: {
          type: "object",
          properties: {
            frames: {
              type: "array",
              minItems: 1,
              maxItems: maxFrames,
              description: `JPEG or PNG, at most ${maxFrameBytes} bytes each`,
              items: { type: "string", contentMediaType: "application/octet-stream" },
            },
          },
        },
      },
    };
  return { "application/json": { schema: line.body } };
}

/** As `format` asks. */
const files: Json = Object.fromEntries(
  ["text/html", "text/plain", "application/pdf"].map((type) => [type, { schema: { type: "string" } }]),
);

const success = (line: Route): Json =>
  line.answer === emptyAnswer
    ? { 204: { description: "Done" } }
    : {
        [line.status ?? 200]: {
          description: "Done",
          content: line.answer === FileAnswer ? files : { "application/json": { schema: line.answer } },
        },
      };
