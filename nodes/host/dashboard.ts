import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";
import { errorCode } from "../../core/errors.ts";
import type { VaultClient } from "../../vault/client.ts";
import { refuseCrossSite, sessionOf } from "../api/session.ts";

/** Who works at the dashboard; residents have their own pages. */
const staff = new Set(["manager", "desk", "guard", "auditor", "privacy-officer", "technician"]);

async function isStaff(req: IncomingMessage, vault: VaultClient, touch: boolean): Promise<boolean> {
  const session = await sessionOf(req, vault, { touch });
  return session !== undefined && staff.has(session.role);
}

/**
 * Both doors of the dashboard. Its pages ask for a session; its sockets ask again, because a socket that only looked
 * harmless could press every button there is, and check where they come from, because setting this hook switches the
 * dashboard's own check off.
 */
export function dashboardGuards(vault: () => VaultClient) {
  const middleware: RequestHandler = (req, res, next) => {
    isStaff(req, vault(), true).then(
      (admitted) => {
        if (admitted) next();
        else if (req.method === "GET" && req.accepts(["html", "json"]) === "html") {
          res.redirect(302, `/sign-in?next=${encodeURIComponent(req.originalUrl)}`);
        } else res.status(401).end();
      },
      (error) => res.status(errorCode(error) === "vault-away" ? 503 : 401).end(),
    );
  };
  const ioMiddleware = (socket: { request: IncomingMessage }, next: (error?: Error) => void): void => {
    const check = async (): Promise<void> => {
      refuseCrossSite(socket.request);
      if (!(await isStaff(socket.request, vault(), false)))
        // it connects again by itself
        throw new Error("unauthorized");
    };
    check().then(
      () => next(),
      () => next(new Error("unauthorized")),
    );
  };
  return { middleware, ioMiddleware };
}
