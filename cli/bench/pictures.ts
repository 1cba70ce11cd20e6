import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import type { Sample } from "../../core/faces/calibration.ts";
import type { AnalyseOptions, FaceEngine, FrameCode, FrameFacts } from "../../core/faces/types.ts";

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

/** Labels known to be wrong. */
const wrong = new Set(["asian/ChinaTarget_110/110_16.jpg"]);
/** Two names of one person: one photograph under two names, a full name and a short one, a nickname, a misspelling. */
const sameAs: Readonly<Record<string, string>> = {
  Takahiro_Mori: "Shinya_Taniguchi",
  Andrew_Gilligan: "Andrew_Caldecott",
  Mireya_Elisa_Moscoso_Rodriguez: "Mireya_Moscoso",
  Glenn_Rivers: "Doc_Rivers",
  John_Burnett: "John_Barnett",
};

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

/** `<person>/…` is somebody, `attacks/<kind>/…` an attack (`attacks/live/…`: a living face as the camera sees it). */
function byFolder(folder: string): LabelledPicture[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => isPicture(file) && file.includes(sep))
    .sort()
    .map((file) => {
      const [first, second] = file.split(sep);
      const label =
        first === "attacks" && file.split(sep).length > 2 ? { attack: second! } : { identity: first! };
      return { file, set: "own", groups: ["general"], ...label };
    });
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

/** A picture that was described: of which set, would a door have used it, and how good it was (0 to 1). */
export type Labelled = Sample & {
  file: string;
  set: string;
  usable: boolean;
  /** Why a door would not have used it. */
  code?: FrameCode;
  quality: number;
  /** Did the liveness models take it for a living face? Absent: not asked. */
  live?: boolean;
};

/** Samples of the pictures with an identity and an embedding. */
export function samplesOf(
  pictures: readonly LabelledPicture[],
  facts: readonly (FrameFacts | undefined)[],
): Labelled[] {
  return pictures.flatMap(({ file, identity, groups, set }, i) => {
    const vector = facts[i]?.embedding;
    const code = facts[i]?.code;
    return vector && identity !== undefined
      ? [
          {
            file,
            identity,
            groups,
            set,
            vector,
            usable: code === undefined,
            ...(code === undefined ? {} : { code }),
            quality: facts[i]!.quality?.score ?? 0,
          },
        ]
      : [];
  });
}
