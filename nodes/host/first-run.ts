import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const flowFile = "flows.json";

/** The folder Node-RED keeps its own things in, made on first use for this user alone. */
export function userFolder(data: string): string {
  const folder = join(data, "node-red");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** The key Node-RED encrypts flow credentials with: made once, in a file nobody else can read. */
export function credentialSecret(data: string): string {
  const file = join(data, "credential-secret");
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString("hex"), { mode: 0o600, flag: "wx" });
  return readFileSync(file, "utf8").trim();
}

/** The first start opens with the demonstration flow; after that the flow is the installer's. */
export function seedFlow(folder: string, flows: string, secret: string): void {
  const target = join(folder, flowFile);
  const source = join(flows, "default.json");
  if (existsSync(target) || !existsSync(source)) return;
  copyFileSync(source, target);
  writeFileSync(join(folder, "flows_cred.json"), JSON.stringify(noCredentials(secret)), { mode: 0o600 });
}

/**
 * An empty set of flow credentials as Node-RED encrypts them (AES-256-CTR, key SHA-256 of the secret, IV in front):
 * without one its first words would be a warning that nobody can act on.
 */
function noCredentials(secret: string): { $: string } {
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-256-ctr", createHash("sha256").update(secret).digest(), iv);
  return { $: iv.toString("hex") + cipher.update("{}", "utf8", "base64") + cipher.final("base64") };
}
