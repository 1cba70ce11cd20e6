import type { Receive } from "./source.ts";

/** A door screen's own camera: it pushes pictures, and is told whether any are wanted. */
export interface ScreenInlet {
  receive: Receive;
  /** @returns whether a look is running here; a picture nobody wants is overwritten */
  push(picture: Buffer): boolean;
}

export function screenInlet(): ScreenInlet {
  let take: ((picture: Buffer) => void) | undefined;
  return {
    receive: (offer, signal) =>
      new Promise<void>((resolve) => {
        take = offer;
        const end = () => {
          if (take === offer) take = undefined;
          resolve();
        };
        signal.addEventListener("abort", end);
        if (signal.aborted) end();
      }),
    push(picture) {
      if (take) take(picture);
      else picture.fill(0);
      return take !== undefined;
    },
  };
}
