import { LimenError } from "../../core/errors.ts";
import { thresholdFor } from "../../core/faces/threshold.ts";
import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";

/** What a risk costs, for whoever sets it. */
export const thresholdVerbs = ({ consents, faces }: Services): Pick<Handlers, "face.threshold"> => ({
  "face.threshold"({ door, risk, mode, people: wanted }) {
    const { calibration, engine, pack } = faces; // without models: models-missing says which
    if (!calibration) throw new LimenError("calibration-missing", { status: 503 });
    const agreed = door === undefined ? new Set<string>() : consents.peopleAt("face", door);
    const enrolled = [...engine.gallery.people()].filter((person) => agreed.has(person)).length;
    const people = mode === "1:1" ? 1 : (wanted ?? Math.max(1, enrolled));
    const { score, group, refused, refusedThree, measured, leastRisk } = thresholdFor(calibration, {
      comparisons: people,
      risk,
    });
    return {
      pack,
      people,
      enrolled,
      score,
      group,
      refused,
      ...(refusedThree === undefined ? {} : { refusedThree }),
      measured,
      leastRisk,
    };
  },
});
