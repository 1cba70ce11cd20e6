import { ask } from "./api.ts";
import type { PictureSource } from "./picture.ts";

export interface Outcome {
  attempt: string;
  outcome: "granted" | "denied";
  code: string;
  sentence: string;
}

/** What the door asks of whoever was recognised. */
export type Ask = "turn-left" | "turn-right";

/** What whoever is looked at can mend meanwhile. */
export type Hint =
  | "no-face"
  | "two-faces"
  | "face-too-small"
  | "face-blurred"
  | "face-turned"
  | "face-too-dark"
  | "face-too-bright";

interface Taken {
  wanted: boolean;
  ask?: Ask;
  hint?: Hint;
}

/** What a look says while it runs. */
export interface Meanwhile {
  /** It asks for something besides. */
  onAsk?(ask: Ask): void;
  /** What is wrong with the newest picture has changed; undefined: nothing now. */
  onHint?(hint: Hint | undefined): void;
}

/** About ten pictures a second: what the door's look expects of a camera. */
const pauseMs = 100;

/**
 * Gives a look this screen's pictures until `end` is called.
 * @param end resolves when the last picture has been answered
 */
export function givePictures(
  door: string,
  source: PictureSource,
  { onAsk, onHint }: Meanwhile = {},
): { end(): Promise<void> } {
  let looking = true;
  let asked: Ask | undefined;
  let hinted: Hint | undefined;
  const given = (async () => {
    while (looking) {
      const jpeg = await source.take();
      // a picture that is refused is one picture less; the look itself says what came of it
      if (looking) {
        const path = `/doors/${door}/frames`;
        const taken = await ask<Taken>("POST", path, jpeg, { "Content-Type": "image/jpeg" }).catch(
          () => undefined,
        );
        if (taken?.ask !== undefined && taken.ask !== asked && looking) onAsk?.(taken.ask);
        asked = taken?.ask ?? asked;
        if (taken && taken.hint !== hinted && asked === undefined && looking) onHint?.(taken.hint);
        hinted = taken ? taken.hint : hinted;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  })();
  return {
    async end() {
      looking = false;
      await given.catch(() => undefined);
    },
  };
}

/**
 * "Use my face": asks the door to look, and gives it this screen's pictures for as long as it does. Not one picture
 * leaves before the button was pressed or after the answer came.
 * @throws Problem
 */
export async function useMyFace(
  door: string,
  source: PictureSource,
  meanwhile: Meanwhile = {},
): Promise<Outcome> {
  const pictures = givePictures(door, source, meanwhile);
  try {
    return await ask<Outcome>("POST", `/doors/${door}/face-requests`);
  } finally {
    await pictures.end();
  }
}
