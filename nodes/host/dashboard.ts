import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";
import { errorCode, LimenError } from "../../core/errors.ts";
import type { VaultClient } from "../../vault/client.ts";
import type { Session } from "../api/route.ts";
import { onRenewal, refuseCrossSite, sessionOf } from "../api/session.ts";
import { dashboardHeaders } from "./editor-headers.ts";

/** Who works at the dashboard; residents have their own pages. */
const staff = new Set(["manager", "desk", "guard", "auditor", "privacy-officer", "technician"]);
/** Who only looks: an installer's buttons and switches are not for them. */
const lookers = new Set(["auditor", "privacy-officer"]);

/** A socket of the dashboard's, as far as we meet it. */
export interface DashboardSocket {
  request: IncomingMessage;
  conn: { close(): void };
  once(event: "disconnect", then: () => void): void;
}

/** Open sockets, and who was behind each when it was last looked at. */
const open = new Map<DashboardSocket, Session>();

const isStaff = (session: Session | undefined): session is Session =>
  session !== undefined && staff.has(session.role);

/**
 * The session in whose name what this socket sends may reach a flow: of staff who do more than look, not resting.
 * @param socket as the dashboard's hooks hand it over
 */
export function acting(socket: DashboardSocket): Session | undefined {
  const session = open.get(socket);
  return session && !session.resting && !lookers.has(session.role) ? session : undefined;
}

onRenewal((old, next) => {
  for (const [socket, { resting: _, ...session }] of open)
    if (session.auth === old) open.set(socket, { ...session, auth: next });
});

/**
 * Both doors of the dashboard. Its pages ask for a session; its sockets ask again, because a socket that only looked
 * harmless could press every button there is, and check where they come from, because setting this hook switches the
 * dashboard's own check off. A socket is open for hours, so who is behind it is asked again and again, which is no use of the
 * session; when that is over, the line is cut.
 */
export function dashboardGuards(vault: () => VaultClient) {
  const middleware: RequestHandler = (req, res, next) => {
    sessionOf(req, vault()).then(
      (session) => {
        if (isStaff(session)) dashboardHeaders(req, res, next);
        else if (req.method === "GET" && req.accepts(["html", "json"]) === "html") {
          res.redirect(302, `/sign-in?next=${encodeURIComponent(req.originalUrl)}`);
        } else res.status(401).end();
      },
      (error) => res.status(errorCode(error) === "vault-away" ? 503 : 401).end(),
    );
  };
  const ioMiddleware = (socket: DashboardSocket, next: (error?: Error) => void): void => {
    const check = async (): Promise<void> => {
      refuseCrossSite(socket.request);
      const session = await sessionOf(socket.request, vault(), { touch: false }); // it connects again by itself
      if (!isStaff(session)) throw new Error("unauthorized");
      open.set(socket, session);
      socket.once("disconnect", () => open.delete(socket));
    };
    check().then(
      () => next(),
      () => next(new Error("unauthorized")),
    );
  };
  /** Looks at every open socket's session; cuts those whose is over. While the vault is away nothing can be said of any. */
  const recheck = async (): Promise<void> => {
    await Promise.all(
      [...open].map(async ([socket, { auth, by }]) => {
        try {
          const { kind: _, ...who } = await vault().call("session.check", { auth, touch: false });
          const session = { ...who, auth, by };
          if (!isStaff(session)) throw new LimenError("not-allowed");
          if (open.get(socket)?.auth === auth) open.set(socket, session);
        } catch (error) {
          if (["vault-away", "vault-timeout"].includes(errorCode(error))) return;
          if (open.get(socket)?.auth !== auth) return; // gone, or renewed meanwhile
          open.delete(socket); // nothing of it counts from here on
          socket.conn.close(); // the page connects again, and is asked who it is
        }
      }),
    );
  };
  return { middleware, ioMiddleware, recheck };
}
