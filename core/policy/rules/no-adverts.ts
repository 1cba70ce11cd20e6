import type { Vertex } from "../graph/types.ts";
import type { Rule } from "./rule.ts";

const advert =
  /advert|\bads?\b|\bpromo|sponsor|banner|\bdoubleclick\b|广告|廣告|推广|促销|促銷|优惠|商城|小程序商/i;
const outsideUrl = /(?:https?:)?\/\/(?!127\.0\.0\.1|localhost|\[::1\]|www\.w3\.org)[\w.-]+\.[a-z]{2,}/i;
/** Where anything shown or heard at a door could come from. */
const screens =
  /^(?:ui[-_](?:template|iframe|audio|markdown|notification|text|control|event|video|carousel)|play audio|template|http response|http request)$/;
const shown = ["template", "format", "src", "url", "className", "head", "content", "payload"];

function found(vertex: Vertex): { variant: string; word: string } | undefined {
  if (!screens.test(vertex.type)) return undefined;
  const text = shown
    .map((field) => (typeof vertex.config[field] === "string" ? vertex.config[field] : ""))
    .join("\n");
  const word = advert.exec(text)?.[0];
  if (word) return { variant: "advert", word };
  if (vertex.type === "http request" || vertex.type === "http response") return undefined;
  const url = outsideUrl.exec(text)?.[0];
  return url ? { variant: "outside", word: url } : undefined;
}

/** Doors sell nothing: no adverts, no trackers, nothing fetched from elsewhere on a screen or a speaker (RD-41). */
export const noAdverts: Rule = {
  id: "no-adverts",
  severity: "refuse",
  article: ["PIPL 26", "BIPA 740 ILCS 14/15(c)", "report: advertisements on the screen at every passage"],
  check: (graph) =>
    graph.vertices.flatMap((vertex) => {
      const params = found(vertex);
      return params ? [{ node: vertex.id, params: { ...params, node: vertex.label } }] : [];
    }),
};
