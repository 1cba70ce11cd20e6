import { createDecipheriv, createHash } from "node:crypto";

type Secrets = Readonly<Record<string, unknown>>;

/** Flow credentials as Node-RED encrypts them: AES-256-CTR, key SHA-256 of the secret, IV in hex in front. */
function open(sealed: object, secret: string): Secrets {
  const { $: text } = sealed as { $?: string };
  if (text === undefined) return sealed as Secrets;
  const key = createHash("sha256").update(secret).digest();
  const decipher = createDecipheriv("aes-256-ctr", key, Buffer.from(text.slice(0, 32), "hex"));
  const plain = decipher.update(text.slice(32), "base64", "utf8") + decipher.final("utf8");
  return JSON.parse(plain) as Secrets;
}

/**
 * Which nodes' credentials are others than before. Nothing of what they are leaves this function.
 * @returns ids; `*` where they cannot be read (a project has a secret of its own)
 */
export function changedSecrets(before: object, after: object, secret: string): string[] {
  try {
    const [old, next] = [open(before, secret), open(after, secret)];
    return [...new Set([...Object.keys(old), ...Object.keys(next)])].filter(
      (id) => JSON.stringify(old[id]) !== JSON.stringify(next[id]),
    );
  } catch {
    return ["*"];
  }
}
