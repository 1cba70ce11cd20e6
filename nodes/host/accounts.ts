import { LimenError } from "../../core/errors.ts";
import type { VaultClient } from "../../vault/client.ts";
import { callerAddress } from "./caller.ts";

/** What Node-RED's editor knows of somebody. */
export interface EditorUser {
  username: string;
  permissions: "*" | "read";
}

/** What stands behind a user of Node-RED's. Never in the user itself: Node-RED tells users to others. */
const behind = new WeakMap<object, { auth: string; kind: "session" | "token" }>();

/** The session or token somebody deploys with; undefined for a user that is none of ours. */
export const whoIs = (user: object | undefined): { auth: string; kind: "session" | "token" } | undefined =>
  user && behind.get(user);

/** Who may open the editor, and how far: deploying a flow is running code on this box. */
const permissions: Record<string, EditorUser["permissions"] | undefined> = {
  manager: "*",
  technician: "*",
  auditor: "read",
};

/**
 * Node-RED's `adminAuth` on the vault's accounts: the same names, passwords, lock-outs and bearer tokens as everywhere
 * else. A role taken away, a session closed or a vault that is away counts at the next request.
 */
export function editorAccounts(vault: () => VaultClient) {
  /** Sessions this editor opened, by name: what Node-RED's own token stands for. Gone with the process. */
  const sessions = new Map<string, string>();

  const userOf = (
    username: string,
    role: string,
    auth: string,
    kind: "session" | "token",
  ): EditorUser | null => {
    const granted = permissions[role];
    if (granted === undefined) return null;
    const user = { username, permissions: granted };
    behind.set(user, { auth, kind });
    return user;
  };
  /** Answers "nobody" for anything that went wrong: Node-RED takes no other refusal. */
  const orNobody = async (work: () => Promise<EditorUser | null>): Promise<EditorUser | null> => {
    try {
      await vault().ready(3000);
      return await work();
    } catch (error) {
      if (!(error instanceof LimenError)) throw error;
      return null;
    }
  };

  return {
    type: "credentials" as const,
    sessionExpiryTime: 8 * 3600,
    authenticate: (name: string, password: string) =>
      orNobody(async () => {
        const opened = await vault().call("session.open", { name, password, address: callerAddress() });
        const user = userOf(name, opened.role, opened.auth, "session");
        if (user) sessions.set(name, opened.auth);
        else await vault().call("session.close", { auth: opened.auth });
        return user;
      }),
    users: (name: string) =>
      orNobody(async () => {
        const auth = sessions.get(name);
        if (auth === undefined) return null;
        const { role, resting } = await vault().call("session.check", { auth });
        if (resting) return null; // the editor asks for the password again
        return userOf(name, role, auth, "session");
      }),
    tokens: (token: string) =>
      orNobody(async () => {
        const auth = token.replace(/^Bearer\s+/i, "");
        const { role, name, kind } = await vault().call("session.check", { auth });
        return kind === "token" ? userOf(name, role, auth, kind) : null;
      }),
  };
}
