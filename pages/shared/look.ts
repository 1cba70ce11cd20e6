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

interface Taken {
  wanted: boolean;
  ask?: Ask;
}

/** About ten pictures a second: what the door's look expects of a camera. */
const pauseMs = 100;

/**
 * "Use my face": asks the door to look, and gives it this screen's pictures for as long as it does. Not one picture
 * leaves before the button was pressed or after the answer came.
 * @param onAsk called once the door asks for something besides
 * @throws Problem
 */
export async function useMyFace(
  door: string,
  source: PictureSource,
  onAsk?: (ask: Ask) => void,
): Promise<Outcome> {
  let looking = true;
  let asked: Ask | undefined;
  const pictures = (async () => {
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
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  })();
  try {
    return await ask<Outcome>("POST", `/doors/${door}/face-requests`);
  } finally {
    looking = false;
    await pictures.catch(() => undefined);
  }
}
