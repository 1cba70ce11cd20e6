import { Closed, OneOf, Type } from "../../core/schema.ts";
import { Auth, atRest, DateTime, Empty, Opaque, roles, verb } from "./common.ts";

/** A page's scheme and host, as its browser says it. */
const Origin = Type.String({ maxLength: 200 });
const Options = Closed({
  options: Type.String({ description: "for the browser: JSON text, WebAuthn 5.1.8 f." }),
});
/** What a browser answered: JSON text, WebAuthn 5.1.3. */
const Response = Type.String({ maxLength: 16_384 });
const Label = Type.String({ minLength: 1, maxLength: 40 });
const Opened = Closed({
  auth: Auth,
  role: OneOf(roles),
  name: Type.String(),
  expires: DateTime,
  until: DateTime,
  person: Type.Optional(Opaque),
});

/** Passkeys, proving anew who one is, and the accounts of staff. */
export const signInVerbs = {
  /** Public: a challenge for whoever wants to sign in by passkey. */
  "passkey.challenge": verb(Closed({ origin: Origin }), Options),
  "passkey.open": verb(Closed({ response: Response }), Opened),

  "passkey.list": atRest(
    verb(
      Closed({ auth: Auth }),
      Closed({
        passkeys: Type.Array(
          Closed({
            id: Opaque,
            label: Type.String(),
            since: DateTime,
            used: Type.Optional(DateTime),
            synced: Type.Boolean(),
          }),
        ),
      }),
      roles,
    ),
  ),
  /** `name` is shown by the authenticator; of residents it is not kept here. */
  "passkey.prepare": verb(
    Closed({ auth: Auth, origin: Origin, name: Type.Optional(Label) }),
    Options,
    roles,
    roles,
  ),
  "passkey.add": verb(
    Closed({ auth: Auth, response: Response, label: Type.Optional(Label) }),
    Closed({ id: Opaque }),
    roles,
    roles,
  ),
  "passkey.rename": verb(Closed({ auth: Auth, id: Opaque, label: Label }), Empty, roles),
  "passkey.remove": verb(Closed({ auth: Auth, id: Opaque }), Empty, roles, roles),
  /** For a resident whose phone is gone: all their passkeys and sessions end. */
  "passkey.forget": verb(Closed({ auth: Auth, person: Opaque }), Closed({ removed: Type.Integer() }), [
    "manager",
    "desk",
  ]),

  /** Whether this account proved itself moments ago, in this session or another: for what is done in the editor. */
  "session.fresh": verb(Closed({ auth: Auth }), Closed({ fresh: Type.Boolean() }), roles),
  "session.challenge": atRest(verb(Closed({ auth: Auth, origin: Origin }), Options, roles)),
  /** Proves anew who this is, by password or passkey: the session goes on under another secret, fresh. */
  "session.prove": atRest(
    verb(
      Closed({
        auth: Auth,
        password: Type.Optional(Type.String({ maxLength: 256 })),
        response: Type.Optional(Response),
        address: Type.String(),
      }),
      Closed({ auth: Auth, expires: DateTime, until: DateTime }),
      roles,
    ),
  ),

  "staff.list": verb(
    Closed({ auth: Auth }),
    Closed({
      staff: Type.Array(
        Closed({
          id: Opaque,
          name: Type.String(),
          role: OneOf(roles),
          disabled: Type.Boolean(),
          /** Its one-time password was not used yet. */
          waiting: Type.Boolean(),
          passkeys: Type.Integer(),
        }),
      ),
    }),
    ["manager"],
  ),
  /** For whoever lost password and passkeys: a one-time password, and everything else of theirs ends. */
  "staff.reset": verb(
    Closed({ auth: Auth, id: Opaque }),
    Closed({ password: Type.String() }),
    ["manager"],
    ["manager"],
  ),
  /** Ends an account: its sessions, passkeys and the tokens it made end at once. The last manager's cannot be. */
  "staff.disable": verb(Closed({ auth: Auth, id: Opaque }), Empty, ["manager"], ["manager"]),
  /** Gives it back, with a one-time password; what ended stays ended. */
  "staff.enable": verb(
    Closed({ auth: Auth, id: Opaque }),
    Closed({ password: Type.String() }),
    ["manager"],
    ["manager"],
  ),
} as const;
