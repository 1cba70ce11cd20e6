import type { EntryOf } from "./schema.ts";

/** A share whose divisor may be nothing: of nobody, nobody took part. */
const share = (part: number, all: number): number => (all > 0 ? part / all : 0);

/** What counts of a vote: of heads and of area, the smaller share (Civil Code 278 asks for both). */
export const sharesOf = ({ heads, area }: Pick<EntryOf<"vote">, "heads" | "area">) => ({
  quorum: Math.min(share(heads.part, heads.all), share(area.part, area.all)),
  agreed: Math.min(share(heads.agreed, heads.part), share(area.agreed, area.part)),
});

/** The field that cannot be, as a JSON pointer: more took part than there are, or more agreed than took part. */
export function wrongTally({ heads, area }: Pick<EntryOf<"vote">, "heads" | "area">): string | undefined {
  for (const [name, { all, part, agreed }] of Object.entries({ heads, area })) {
    if (all === 0) return `/${name}/all`;
    if (part > all) return `/${name}/part`;
    if (agreed > part) return `/${name}/agreed`;
  }
  return undefined;
}
