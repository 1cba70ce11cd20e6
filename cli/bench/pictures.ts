import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import type { Sample } from "../../core/faces/calibration.ts";
import type { AnalyseOptions, FaceEngine, FrameFacts } from "../../core/faces/types.ts";

/** A labelled test picture. */
export interface LabelledPicture {
  file: string;
  set: string;
  identity?: string;
  groups: string[];
  /** `live`, or a kind of attack. */
  attack?: string;
}

interface Manifest {
  sets: {
    name: string;
    files: { file: string; identity?: string; group?: string; attack?: string }[];
  }[];
}

/** Labels known to be wrong, and two names of one person: published with the sets' known errata. */
const wrong = new Set(["asian/ChinaTarget_110/110_16.jpg"]);
const sameAs: Readonly<Record<string, string>> = { Takahiro_Mori: "Shinya_Taniguchi" };

/**
 * The pictures of a folder: by its `MANIFEST.json` where there is one, else one sub-folder a person.
 * Everybody counts in `general`; a `group` in the manifest adds a narrower one.
 */
export function readPictures(folder: string): LabelledPicture[] {
  const manifest = join(folder, "MANIFEST.json");
  if (!existsSync(manifest)) return byFolder(folder);
  const { sets } = JSON.parse(readFileSync(manifest, "utf8")) as Manifest;
  return sets.flatMap(({ name, files }) =>
    files
      .filter(({ file }) => !wrong.has(file))
      .map(({ file, identity, group, attack }) => ({
        file,
        set: name,
        ...(identity === undefined ? {} : { identity: sameAs[identity] ?? identity }),
        groups: ["general", ...(group === undefined ? [] : [group])],
        ...(attack === undefined ? {} : { attack }),
      })),
  );
}

const isPicture = (name: string): boolean => /\.(jpe?g|png)$/i.test(name);

function byFolder(folder: string): LabelledPicture[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => isPicture(file) && file.includes(sep))
    .sort()
    .map((file) => ({ file, set: "own", identity: file.split(sep)[0]!, groups: ["general"] }));
}

/** Analyses every picture, a few at a time. Pictures without a usable face, or unreadable ones, give no facts. */
export async function analyseAll(
  engine: FaceEngine,
  folder: string,
  pictures: readonly LabelledPicture[],
  options: AnalyseOptions,
  onProgress?: (done: number) => void,
): Promise<(FrameFacts | undefined)[]> {
  const facts: (FrameFacts | undefined)[] = new Array(pictures.length);
  let next = 0;
  const lane = async () => {
    while (next < pictures.length) {
      const i = next++;
      facts[i] = await engine
        .analyse(readFileSync(join(folder, pictures[i]!.file)), options)
        .catch(() => undefined);
      onProgress?.(i + 1);
    }
  };
  await Promise.all([lane(), lane(), lane()]);
  return facts;
}

/** Samples of the pictures with an identity and an embedding. */
export function samplesOf(
  pictures: readonly LabelledPicture[],
  facts: readonly (FrameFacts | undefined)[],
): (Sample & { set: string; usable: boolean })[] {
  return pictures.flatMap(({ identity, groups, set }, i) => {
    const vector = facts[i]?.embedding;
    return vector && identity !== undefined
      ? [{ identity, groups, set, vector, usable: facts[i]!.code === undefined }]
      : [];
  });
}
