import { thresholdFor } from "../core/faces/threshold.ts";
import { usualRisk } from "./faces.ts";
import type { Services } from "./services.ts";

type Comparing = Pick<Services, "consents" | "faces" | "persons">;

/** How many people a look among many at this door is compared with now: agreed, enrolled, and let in here. */
export function galleryAt({ consents, faces, persons }: Comparing, door: string): number {
  const agreed = consents.peopleAt("face", door);
  const enrolled = faces.missing.length > 0 ? new Set<string>() : faces.gallery.people();
  let n = 0;
  for (const person of enrolled) {
    const standing = persons.standing(person);
    const here = standing?.resident && (!standing.doors || standing.doors.includes(door));
    if (here && agreed.has(person)) n++;
  }
  return n;
}

/**
 * The lowest cosine at which a face alone opens some door of the running flow; whoever comes nearer to somebody else needs
 * a second way somewhere. A look at one person (1:1) has one already, so its lower threshold marks nobody.
 * @returns undefined without a calibration: then no face opens anything
 */
export function lowestThreshold(services: Services): number | undefined {
  const { faces, site } = services;
  const { calibration } = faces;
  if (!calibration) return undefined;
  const alone = site.looks
    .filter(({ settings }) => settings.mode === "1:N")
    .map(({ door, settings: { risk } }) => ({ comparisons: galleryAt(services, door), risk }));
  const looks = alone.length > 0 ? alone : [{ comparisons: faces.enrolled, risk: usualRisk }];
  return Math.min(...looks.map((look) => thresholdFor(calibration, look).score));
}

/**
 * Doors of the running flow where this person's face opens nothing alone, because somebody else's came too near to it: those
 * they agreed to, at the threshold of the looks there as it is now. Never who the other is.
 */
export function doorsAskingMore(
  services: Comparing & Pick<Services, "site" | "templates">,
  person: string,
): string[] {
  const { consents, faces, site, templates } = services;
  const { calibration } = faces;
  if (!calibration || !templates.has(person)) return [];
  const nearest = templates.nearest(person);
  const asks = site.looks.filter(
    ({ door, settings: { mode, risk } }) =>
      mode === "1:N" &&
      consents.check(person, "face", door) === undefined &&
      nearest >= thresholdFor(calibration, { comparisons: galleryAt(services, door), risk }).score,
  );
  return [...new Set(asks.map(({ door }) => door))];
}
