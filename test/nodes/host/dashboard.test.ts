import assert from "node:assert/strict";
import { LimenError } from "../../../core/errors.ts";
import { renewed } from "../../../nodes/api/session.ts";
import { acting, type DashboardSocket, dashboardGuards } from "../../../nodes/host/dashboard.ts";

const auth = (name: string): string => name.padEnd(43, "x");

describe("who is behind an open page of the dashboard", () => {
  const sessions = new Map<string, { role: string; resting?: true }>();
  let away = false;
  const touched: unknown[] = [];
  const guards = dashboardGuards(
    () =>
      ({
        call(_verb: string, request: { auth: string; touch?: boolean }) {
          touched.push(request.touch);
          if (away) return Promise.reject(new LimenError("vault-away", { status: 503 }));
          const who = sessions.get(request.auth);
          return who
            ? Promise.resolve({ ...who, name: "Wu", expires: "2030-01-01T00:00:00Z", kind: "session" })
            : Promise.reject(new LimenError("not-signed-in", { status: 401 }));
        },
      }) as never,
  );
  const connect = async (name: string) => {
    let cut = false;
    const socket: DashboardSocket = {
      request: { headers: { cookie: `limen_session=${auth(name)}` } } as never,
      conn: {
        close() {
          cut = true;
        },
      },
      once: () => undefined,
    };
    await new Promise<void>((resolve, reject) =>
      guards.ioMiddleware(socket, (error) => (error ? reject(error) : resolve())),
    );
    return { socket, isCut: () => cut };
  };

  it("may act unless they only look, or their session rests; asking is no use of it", async () => {
    sessions.set(auth("guard"), { role: "guard" }).set(auth("auditor"), { role: "auditor" });
    const [guard, auditor] = [await connect("guard"), await connect("auditor")];
    assert.equal(acting(guard.socket)?.role, "guard");
    assert.equal(acting(auditor.socket), undefined);
    sessions.set(auth("guard"), { role: "guard", resting: true });
    await guards.recheck();
    assert.equal(acting(guard.socket), undefined);
    assert.ok(!guard.isCut(), "a wall stands on");
    renewed(auth("guard"), auth("guard-2"));
    sessions.delete(auth("guard"));
    sessions.set(auth("guard-2"), { role: "guard" });
    assert.equal(acting(guard.socket)?.role, "guard", "they proved who they are");
    await guards.recheck();
    assert.ok(!guard.isCut(), "under another secret");
    assert.ok(touched.every((one) => one === false));
  });

  it("is cut off when their session is over or their role is gone, not while the vault is away", async () => {
    sessions.set(auth("desk"), { role: "desk" });
    const desk = await connect("desk");
    away = true;
    await guards.recheck();
    assert.ok(!desk.isCut());
    away = false;
    sessions.set(auth("desk"), { role: "resident" });
    await guards.recheck();
    assert.ok(desk.isCut());
    assert.equal(acting(desk.socket), undefined);
    await assert.rejects(connect("nobody"));
  });
});
