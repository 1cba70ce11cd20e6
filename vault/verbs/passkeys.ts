import { LimenError } from "../../core/errors.ts";
import type { Holder } from "../../core/people/index.ts";
import type { Actor, Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";

/** Passkeys of staff and residents, and proving anew who one is. */
export const passkeyVerbs = ({
  passkeys,
  persons,
  recordChange,
  signIn,
}: Services): Pick<
  Handlers,
  | "passkey.challenge"
  | "passkey.open"
  | "passkey.list"
  | "passkey.prepare"
  | "passkey.add"
  | "passkey.rename"
  | "passkey.remove"
  | "passkey.forget"
  | "session.fresh"
  | "session.challenge"
  | "session.prove"
> => {
  /** On the record of the account, or of the person as their own. */
  const noted = (what: string, { id, person }: Pick<Actor, "id" | "person">, fields = {}) =>
    recordChange(what, { by: person === undefined ? id : "self", ...fields }, person);
  /** A copy answered: that is on the record before it is refused. */
  const telling = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof LimenError && error.code === "passkey-copied")
        await recordChange("passkey-copied", { passkey: error.params.passkey! });
      throw error;
    }
  };

  return {
    "passkey.challenge": async ({ origin }) => ({ options: await passkeys.request({ origin }) }),

    async "passkey.open"({ response }) {
      const { holder, doorsFrom } = await telling(() => passkeys.check(response));
      if ("person" in holder && !persons.standing(holder.person)?.resident)
        throw new LimenError("residency-ended", { status: 403 });
      const { auth, role, name, expires, until, person } = signIn.openFor(holder, doorsFrom);
      return { auth, role, name, expires, until, ...(person === undefined ? {} : { person }) };
    },

    "passkey.list": (_, { actor }) => ({ passkeys: passkeys.book.list(holderOf(actor)) }),

    async "passkey.prepare"({ auth, origin, name }, { actor }) {
      const options = await passkeys.registration({
        holder: holderOf(actor),
        name: actor.person === undefined ? actor.name : (name ?? "Limen"),
        session: auth,
        origin,
      });
      return { options };
    },

    async "passkey.add"({ auth, response, label }, { actor }) {
      const id = await passkeys.register({
        holder: holderOf(actor),
        label: label ?? "",
        session: auth,
        response,
        doorsFrom: actor.doorsFrom,
      });
      await noted("passkey-added", actor, { passkey: id });
      return { id };
    },

    "passkey.rename"({ id, label }, { actor }) {
      if (actor.person !== undefined) throw new LimenError("not-allowed", { status: 403 });
      passkeys.book.rename(holderOf(actor), id, label);
      return {};
    },

    async "passkey.remove"({ id }, { actor }) {
      passkeys.book.remove(holderOf(actor), id);
      await noted("passkey-removed", actor, { passkey: id });
      return {};
    },

    async "passkey.forget"({ person }, { actor }) {
      if (!persons.has(person)) throw new LimenError("person-unknown", { field: "/person", status: 404 });
      const removed = passkeys.book.forget({ person });
      signIn.closeResident(person);
      await recordChange("passkeys-forgotten", { by: actor.id, count: removed }, person);
      return { removed };
    },

    "session.fresh": ({ auth }) => ({ fresh: signIn.accountFresh(auth) }),

    "session.challenge": async ({ auth, origin }, { actor }) => ({
      options: await passkeys.request({ origin, proof: { holder: holderOf(actor), session: auth } }),
    }),

    async "session.prove"({ auth, password, response, address }, { actor }) {
      const holder = holderOf(actor);
      const proved =
        response === undefined
          ? await signIn.prove(auth, password ?? "", address).then(() => undefined)
          : await telling(() => passkeys.check(response, { holder, session: auth }));
      const { auth: next, expires, until } = signIn.renew(auth, proved);
      return { auth: next, expires, until };
    },
  };
};

/** @throws LimenError `not-by-token`: a program has no hand to prove anything with */
function holderOf({ id, kind, person }: Actor): Holder {
  if (kind !== "session") throw new LimenError("not-by-token", { status: 403 });
  return person === undefined ? { staff: id } : { person };
}
