import { rmSync } from "node:fs";
import { join } from "node:path";
import { LimenError } from "../../core/errors.ts";
import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";

/** Where the first account's one-time password waits until it is used. */
export const firstPasswordFile = (data: string): string => join(data, "first-password.txt");

/** Signing in, staff accounts and bearer tokens. */
export const staffVerbs = ({
  accounts,
  config,
  recordChange,
  signIn,
}: Services): Pick<
  Handlers,
  | "session.open"
  | "session.check"
  | "session.close"
  | "staff.add"
  | "staff.password"
  | "token.create"
  | "token.revoke"
> => ({
  async "session.open"(request) {
    const { auth, role, name, expires } = await signIn.open(request);
    rmSync(firstPasswordFile(config.data), { force: true }); // whoever signs in first has read it
    return { auth, role, name, expires };
  },

  "session.check"({ auth }) {
    const { role, name, expires, kind, person } = signIn.check(auth);
    return { role, name, expires, kind, ...(person === undefined ? {} : { person }) };
  },

  "session.close"({ auth }) {
    signIn.close(auth);
    return {};
  },

  async "staff.add"({ name, role, password }, { actor }) {
    if (role === "resident") throw new LimenError("not-allowed", { field: "/role", status: 403 });
    const id = await accounts.add({ name, role, password });
    await recordChange("staff-added", { by: actor.id, account: id, role });
    return { id };
  },

  async "staff.password"({ auth, current, password }, { actor }) {
    await accounts.changePassword(actor.id, current, password);
    signIn.closeOthers(actor.id, auth);
    await recordChange("password-changed", { by: actor.id });
    return {};
  },

  async "token.create"({ role, label, days }, { actor }) {
    if (role === "resident") throw new LimenError("not-allowed", { field: "/role", status: 403 });
    const token = signIn.createToken({ role, label, days });
    await recordChange("token-created", { by: actor.id, token: token.id, role });
    return token;
  },

  async "token.revoke"({ id }, { actor }) {
    signIn.revokeToken(id);
    await recordChange("token-revoked", { by: actor.id, token: id });
    return {};
  },
});
