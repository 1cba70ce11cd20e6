import { rmSync } from "node:fs";
import { join } from "node:path";
import { LimenError } from "../../core/errors.ts";
import type { Actor, Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";

/** Where the first account's one-time password waits until it is used. */
export const firstPasswordFile = (data: string): string => join(data, "first-password.txt");

/** Signing in, staff accounts and bearer tokens. */
export const staffVerbs = ({
  accounts,
  changes,
  config,
  passkeys,
  recordChange,
  signIn,
}: Services): Pick<
  Handlers,
  | "session.open"
  | "session.check"
  | "session.close"
  | "staff.add"
  | "staff.list"
  | "staff.password"
  | "staff.reset"
  | "staff.disable"
  | "staff.enable"
  | "token.create"
  | "token.list"
  | "token.revoke"
> => ({
  async "session.open"(request) {
    const { auth, role, name, expires, until } = await signIn.open(request);
    rmSync(firstPasswordFile(config.data), { force: true }); // whoever signs in first has read it
    return { auth, role, name, expires, until };
  },

  "session.check"({ auth, touch = true }) {
    const { role, name, expires, kind, person, fresh, resting } = signIn.see(auth, { touch });
    return {
      role,
      name,
      expires,
      kind,
      fresh,
      ...(resting && { resting }),
      ...(person === undefined ? {} : { person }),
    };
  },

  "session.close"({ auth }) {
    signIn.close(auth);
    return {};
  },

  "staff.list": () => ({
    staff: accounts.list().map(({ id, name, role, disabled, firstRun }) => ({
      id,
      name,
      role,
      disabled,
      waiting: firstRun,
      passkeys: passkeys.book.list({ staff: id }).length,
    })),
  }),

  async "staff.reset"({ id }, { actor }) {
    requireHand(actor);
    const password = await accounts.resetPassword(id);
    await recordChange("staff-reset", { by: actor.id, account: id });
    return { password };
  },

  async "staff.disable"({ id }, { actor }) {
    requireHand(actor);
    accounts.disable(id);
    await recordChange("staff-disabled", { by: actor.id, account: id });
    return {};
  },

  async "staff.enable"({ id }, { actor }) {
    requireHand(actor);
    const password = await accounts.enable(id);
    await recordChange("staff-enabled", { by: actor.id, account: id });
    return { password };
  },

  async "staff.add"({ name, role, password }, { actor }) {
    requireHand(actor);
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
    requireHand(actor);
    if (role === "resident") throw new LimenError("not-allowed", { field: "/role", status: 403 });
    const token = signIn.createToken({
      role,
      label,
      days,
      ...(actor.id.startsWith("staff_") ? { staff: actor.id } : {}),
    });
    changes.tokenMade(token.id, actor.id);
    await recordChange("token-created", { by: actor.id, token: token.id, role });
    return token;
  },

  "token.list"() {
    const names = new Map(accounts.list().map(({ id, name }) => [id, name]));
    return {
      tokens: signIn.tokens().map(({ staff, ...token }) => ({
        ...token,
        ...(staff === undefined ? {} : { by: names.get(staff) ?? staff }),
      })),
    };
  },

  async "token.revoke"({ id }, { actor }) {
    signIn.revokeToken(id);
    await recordChange("token-revoked", { by: actor.id, token: id });
    return {};
  },
});

/**
 * Accounts and tokens are given out by people: a stolen token would otherwise make itself others that outlive it.
 * @throws LimenError `not-by-token`
 */
export function requireHand({ kind }: Actor): void {
  if (kind === "token") throw new LimenError("not-by-token", { status: 403 });
}
