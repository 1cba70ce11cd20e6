import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { createWebSocketStream, WebSocketServer } from "ws";
import { errorCode } from "../../core/errors.ts";
import type { VaultClient } from "../../vault/client.ts";
import { refuseCrossSite, sessionOf } from "../api/session.ts";
import type { Broker } from "./broker.ts";
import { largestPicture } from "./rights.ts";

export const simulatorPath = "/simulator/mqtt";
/** How soon a page that is signed out stops being a device, ms. */
const recheckMs = 10_000;
/** Whoever may try doors out. */
const testers = new Set(["manager", "technician"]);

/**
 * MQTT over WebSocket at `/simulator/mqtt`, for the simulator's page of a signed-in manager or technician. A device is
 * all it can be: no user name, a device's rights.
 * @returns stops serving
 */
export function serveSimulator(server: Server, broker: Broker, vault: VaultClient): () => void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: largestPicture + 1024,
    handleProtocols: (offered) => (offered.has("mqtt") ? "mqtt" : false),
  });
  const upgrade = (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (new URL(req.url ?? "/", "http://localhost").pathname !== simulatorPath) return; // somebody else's
    socket.on("error", () => socket.destroy());
    admit(req, vault).then(
      () =>
        sockets.handleUpgrade(req, socket, head, (webSocket) => {
          const ask = setInterval(() => {
            admit(req, vault).catch(() => webSocket.terminate());
          }, recheckMs);
          webSocket.once("close", () => clearInterval(ask));
          broker.serve(createWebSocketStream(webSocket));
        }),
      (error) => {
        const status = errorCode(error) === "vault-away" ? "503 Service Unavailable" : "401 Unauthorized";
        socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      },
    );
  };
  server.on("upgrade", upgrade);
  return () => {
    server.off("upgrade", upgrade);
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  };
}

/** @throws when the request is not from our own page with a tester's session */
async function admit(req: IncomingMessage, vault: VaultClient): Promise<void> {
  refuseCrossSite(req);
  const session = await sessionOf(req, vault);
  if (!session || !testers.has(session.role)) throw new Error("not a tester");
}
