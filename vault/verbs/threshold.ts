import { LimenError } from "../../core/errors.ts";
import { livingRefused, readLivenessRates } from "../../core/faces/liveness-rates.ts";
import { thresholdFor } from "../../core/faces/threshold.ts";
import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";

/** What a risk costs, for whoever sets it. */
export const thresholdVerbs = ({ consents, faces }: Services): Pick<Handlers, "face.threshold"> => ({
  "face.threshold"({ door, risk, mode, people: wanted }) {
    const { calibration, engine, models, pack } = faces; // without models: models-missing says which
    if (!calibration) throw new LimenError("calibration-missing", { status: 503 });
    const agreed = door === undefined ? new Set<string>() : consents.peopleAt("face", door);
    const enrolled = [...engine.gallery.people()].filter((person) => agreed.has(person)).length;
    const people = mode === "1:1" ? 1 : (wanted ?? Math.max(1, enrolled));
    const { score, group, refused, refusedThree, measured, leastRisk } = thresholdFor(calibration, {
      comparisons: people,
      risk,
    });
    const notLive = livingRefused(readLivenessRates(models.filter(({ job }) => job === "liveness")));
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
      exact: calibration.exact,
      ...(notLive === undefined ? {} : { notLive }),
    };
  },
});
