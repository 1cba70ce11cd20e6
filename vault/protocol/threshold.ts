import { Closed, Type } from "../../core/schema.ts";
import { Id, verb } from "./common.ts";
import { LookSettings } from "./look.ts";

const Share = Type.Number({ description: "0 to 1" });

export const thresholdVerbs = {
  /**
   * What a risk costs at a door, from the calibration of the models in use: for the editor, before it is deployed. Counts
   * and rates only.
   */
  "face.threshold": verb(
    Closed({
      door: Type.Optional(Id),
      risk: LookSettings.properties.risk,
      mode: LookSettings.properties.mode,
      people: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 1_000_000,
          description: "instead of those enrolled at the door now",
        }),
      ),
    }),
    Closed({
      pack: Type.String(),
      people: Type.Integer({ description: "compared in one look" }),
      enrolled: Type.Integer({ description: "who consented at this door and have a face here now" }),
      score: Type.Number({ description: "cosine to reach" }),
      group: Type.String({ description: "the strictest group measured: the threshold is its" }),
      refused: Share,
      refusedThree: Type.Optional(Share),
      measured: Type.Boolean({ description: "false: rarer than the calibration can show" }),
      leastRisk: Type.Number({ description: "the rarest risk it can show for so many people" }),
      notLive: Type.Optional(Share),
      exact: Type.Boolean({
        description:
          "false: measured with other models around the same embedder; the strictest of these counts",
      }),
    }),
  ),
} as const;
