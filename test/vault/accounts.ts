import type { Request } from "../../vault/protocol/index.ts";
import { type Rig, tokenFor } from "./rig.ts";

/** A staff account of a role and its session: what a person signs in with, where a token will not do. */
export async function signedIn(
  rig: Rig,
  name: string,
  role: Request<"staff.add">["role"] = "manager",
): Promise<string> {
  const password = `${name} has a long password 7391`;
  await rig.operator.call("staff.add", { auth: "the-operator-of-this-box", name, role, password });
  const { auth } = await rig.client.call("session.open", { name, password, address: "127.0.0.1" });
  return auth;
}

/** A resident's session, by the desk's invitation. */
export async function residentOf(rig: Rig, person: string): Promise<string> {
  const { invitation } = await rig.client.call("resident.invite", {
    auth: await tokenFor(rig, "desk"),
    person,
  });
  return (await rig.client.call("session.accept", { invitation, address: "127.0.0.1" })).auth;
}
