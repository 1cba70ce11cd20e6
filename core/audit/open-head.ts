import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LimenError } from "../errors.ts";
import { transaction } from "../store/database.ts";
import type { KeyRing } from "../store/types.ts";
import { checkpointText, openCheckpoint } from "./checkpoint.ts";
import { type SigningKey, signingKey } from "./ed25519.ts";
import { damaged, type Ledger, type LogRow } from "./ledger.ts";
import { type Edge, edgeRoot, emptyEdge } from "./merkle.ts";
import { parseVkey, signNote, vkeyOf } from "./note.ts";
import { edgeOf, rangeHash } from "./prove.ts";
import type { FieldValue } from "./types.ts";

interface Site {
  ledger: Ledger;
  ring: KeyRing;
  origin: string;
  tilesDir: string;
}

export interface Head {
  key: SigningKey;
  vkey: string;
  edge: Edge;
  note: string;
  /** Entries whose tiles are known to be on the disk. */
  published: number;
  /** The old head, to be cited by the first entry under a new origin. */
  cites?: Record<string, FieldValue>;
}

/** Where the log stands: its key, its tree's right edge, its newest checkpoint, all checked against each other. */
export function openHead(site: Site): Head {
  const row = site.ledger.log();
  if (!row) return begin(site, emptyEdge);
  const edge = edgeThatSigned(site.ledger, row);
  if (row.origin !== site.origin) {
    const cites = {
      event: "new-origin",
      origin: row.origin,
      size: row.size,
      root: edgeRoot(edge).toString("base64"),
    };
    return { ...begin(site, edge), cites };
  }
  const seed = site.ring.keys("log").get(row.origin);
  const key = seed && signingKey(seed);
  if (!key || vkeyOf(row.origin, key.publicKey) !== row.vkey)
    throw new LimenError("log-key-lost", { status: 503 });
  return { key, vkey: row.vkey, edge, note: row.note, published: publishedSize(site, row) };
}

/** A first checkpoint under this origin, by a key of its own: of no entries, or of those of an older origin. */
function begin({ ledger, ring, origin }: Site, edge: Edge): Head {
  return transaction(ledger.db, () => {
    const key = signingKey(ring.keys("log").create(origin));
    const vkey = vkeyOf(origin, key.publicKey);
    const note = signNote(checkpointText({ origin, size: edge.size, root: edgeRoot(edge) }), origin, key);
    ledger.begin({ origin, vkey, size: edge.size, note });
    return { key, vkey, edge, note, published: 0 };
  });
}

function edgeThatSigned(ledger: Ledger, { origin, vkey, size, note }: LogRow): Edge {
  if (ledger.leafCount() !== size) throw damaged(`${ledger.leafCount()} entries, ${size} signed`);
  const verifier = parseVkey(vkey);
  const signed = verifier && openCheckpoint(note, [verifier]);
  const edge = edgeOf(ledger, size);
  const holds = signed?.origin === origin && signed.size === size && signed.root.equals(edgeRoot(edge));
  if (!holds) throw damaged("the entries do not give the signed checkpoint");
  return edge;
}

/** What was published earlier must be a beginning of this tree; somebody may hold us to it. */
function publishedSize({ ledger, tilesDir }: Site, { origin, vkey, size }: LogRow): number {
  const path = join(tilesDir, "checkpoint");
  const verifier = parseVkey(vkey);
  if (!existsSync(path) || !verifier) return 0;
  const checkpoint = openCheckpoint(readFileSync(path, "utf8"), [verifier]);
  if (checkpoint?.origin !== origin) return 0; // another origin's, or garbage: published anew
  if (checkpoint.size > size) {
    throw new LimenError("log-behind", { status: 503, params: { size, published: checkpoint.size } });
  }
  if (!rangeHash(ledger, 0, checkpoint.size).equals(checkpoint.root)) throw damaged("published another tree");
  return checkpoint.size;
}
