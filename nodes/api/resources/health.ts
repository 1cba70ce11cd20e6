import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { siteVerbs } from "../../../vault/protocol/site.ts";
import { route } from "../route.ts";

const full = siteVerbs.health.answer.properties;

export const health = [
  route({
    method: "get",
    path: "/health",
    summary: "Whether the site works. Staff see how; everyone else sees one word.",
    roles: "public",
    answer: Closed(
      {
        status: OneOf(["ok", "degraded", "vault-away"]),
        vault: OneOf(["up", "away"]),
        site: full.site,
        log: Type.Optional(full.log),
        keys: Type.Optional(full.keys),
        faces: Type.Optional(full.faces),
        cameras: Type.Optional(full.cameras),
        readers: Type.Optional(full.readers),
        armed: Type.Optional(full.armed),
        off: full.off,
      },
      { title: "Health" },
    ),
    async handle({ vault, session }) {
      const seen = vault.up ? await vault.call("health", {}).catch(() => undefined) : undefined;
      if (!seen) return { status: "vault-away" as const, vault: "away" as const };
      const staff = session !== undefined && session.role !== "resident";
      return { vault: "up" as const, ...(staff ? seen : { status: seen.status }) };
    },
  }),
];
