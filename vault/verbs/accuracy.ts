import {
  byAge,
  type Expected,
  enrolments,
  expectedAt,
  operationAt,
  technicalAt,
  usualFpir,
} from "../../core/faces/accuracy.ts";
import { readLivenessRates } from "../../core/faces/liveness-rates.ts";
import { isOutOfDate } from "../../core/faces/models.ts";
import type { KnownCalibration } from "../../core/faces/threshold.ts";
import { galleryAt } from "../alike.ts";
import { usualRisk } from "../faces.ts";
import type { Handlers } from "../handlers.ts";
import type { Answer } from "../protocol/index.ts";
import type { Services } from "../services.ts";
import type { Door } from "../site.ts";

const dayMs = 86_400_000;

/** How often faces err here: for owners' committee, auditor and privacy officer. Reads counts and consents, no template. */
export const accuracyVerbs = (services: Services): Pick<Handlers, "accuracy.read"> => ({
  "accuracy.read"({ days }) {
    const { clock, faces, site, tally } = services;
    const to = clock.now();
    const from = new Date(to.getTime() - days * dayMs);
    const rows = tally.read(from);
    const withCamera = new Set(site.cameras.map(({ door }) => door));
    const { calibration, models } = faces;
    const rates = readLivenessRates(models.filter(({ job }) => job === "liveness"));
    const enrolment = enrolments(rows);
    const enrolmentTechnical = technicalAt(rows);
    return {
      from: from.toISOString(),
      to: to.toISOString(),
      ...(calibration ? { calibration: summary(calibration) } : {}),
      doors: site.doors
        .filter(({ id }) => withCamera.has(id))
        .map((door) => {
          const operation = operationAt(rows, door.id);
          const technical = technicalAt(rows, door.id);
          return {
            ...expectations(services, door, calibration),
            ...(operation ? { operation } : {}),
            ...(technical ? { technical } : {}),
          };
        }),
      ...(enrolment ? { enrolment } : {}),
      ...(enrolmentTechnical ? { enrolmentTechnical } : {}),
      byAge: byAge(rows),
      ...(rates
        ? { liveness: { date: rates.date, data: rates.data, attacks: rates.attacks, live: rates.live } }
        : {}),
      models: models.map(({ id, job, sha256, reviewed, ...model }) => ({
        id,
        job,
        sha256,
        ...(reviewed === undefined ? {} : { reviewed }),
        outOfDate: isOutOfDate({ ...model, ...(reviewed === undefined ? {} : { reviewed }) }, to),
      })),
      missing: [...faces.missing],
    };
  },
});

type Doors = Answer<"accuracy.read">["doors"];

function expectations(
  services: Services,
  { id, name }: Door,
  calibration: KnownCalibration | undefined,
): Doors[number] {
  const gallery = galleryAt(services, id);
  const { mode, risk } = services.tally.setting(id) ?? { mode: "1:N" as const, risk: usualRisk };
  const door = { id, name, mode, gallery };
  if (!calibration) return door;
  const comparisons = mode === "1:1" ? 1 : gallery;
  return {
    ...door,
    set: told(expectedAt(calibration, comparisons, risk)),
    ...(mode === "1:N" ? { usual: told(expectedAt(calibration, comparisons, usualFpir)) } : {}),
  };
}

const told = ({ threshold, risk, falseMatch, groups }: Expected): NonNullable<Doors[number]["set"]> => ({
  risk,
  threshold: threshold.score,
  group: threshold.group,
  measured: threshold.measured,
  leastRisk: threshold.leastRisk,
  ...(falseMatch ? { falseMatch } : {}),
  groups,
});

const summary = ({ model, date, data, command, exact, groups, hash }: KnownCalibration) => ({
  model,
  exact,
  sha256: hash,
  date,
  data,
  command,
  groups: groups.map(({ group, people, genuine, impostor }) => ({
    group,
    people,
    genuinePairs: genuine.pairs,
    impostorPairs: impostor.pairs,
  })),
});
