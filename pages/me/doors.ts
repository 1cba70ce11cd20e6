import { ask } from "../shared/api.ts";

export interface OwnDoor {
  id: string;
  name: string;
  phone?: "at-door" | "anywhere";
}

let mine: readonly OwnDoor[] = [];
const others = new Map<string, string>();

/** Asks anew which doors are one's own. */
export async function loadOwnDoors(): Promise<void> {
  mine = (await ask<{ doors: OwnDoor[] }>("GET", "/me/doors")).doors;
}

export const ownDoors = (): readonly OwnDoor[] => mine;

/** Asks for the names of doors that are none of one's own: a try there is on one's record, too. */
export async function loadNames(doors: readonly (string | undefined)[]): Promise<void> {
  const known = new Set([...mine.map(({ id }) => id), ...others.keys()]);
  const unknown = new Set(doors.filter((id): id is string => id !== undefined && !known.has(id)));
  await Promise.all(
    [...unknown].map(async (id) => {
      // a door that is there no more keeps its id
      const name = await ask<{ name: string }>("GET", `/doors/${id}`).then(
        (door) => door.name,
        () => id,
      );
      others.set(id, name);
    }),
  );
}

/** What people call a door; its id where nobody knows it any more. */
export const nameOfDoor = (id: string): string =>
  mine.find((door) => door.id === id)?.name ?? others.get(id) ?? id;
