import type { NodeAPI } from "node-red";
import { acting, type DashboardSocket } from "../host/dashboard.ts";
import { vaultOf } from "../lib/vault.ts";

/**
 * A dashboard has no roles: any open page can send to any widget of an installer's. What may not act stops here, before the
 * widget hears of it (Dashboard 2's hooks; an empty answer ends a message). What may is somebody's use of their session.
 */
export default function dashboardGuard(RED: NodeAPI): void {
  const pass = <M>(socket: DashboardSocket, _widget: string, msg: M): M | null => {
    const session = acting(socket);
    if (!session) return null;
    // whatever it says, the next look at all sockets says it too
    vaultOf(RED)
      .call("session.check", { auth: session.auth })
      .catch(() => undefined);
    return msg;
  };
  RED.plugins.registerPlugin("limen-dashboard-guard", {
    type: "node-red-dashboard-2",
    hooks: { onAction: pass, onChange: pass, onSend: pass },
  } as never);
}
