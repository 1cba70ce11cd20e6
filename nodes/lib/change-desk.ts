import { LimenError } from "../../core/errors.ts";

/** Code somebody has to read before agreeing to it: shown from memory, never recorded. */
export interface CodeChange {
  /** Id of the node, and what the installer calls it. */
  id: string;
  label: string;
  field: string;
  before: string;
  after: string;
}

/** Where deploys that wait for a second person are decided: the Node-RED that holds them. */
export interface ChangeDesk {
  /**
   * Deploys what waits under this id, in the name of a second person.
   * @throws LimenError `change-gone`, `change-stale`, `same-person`, `not-allowed`, `flow-unlawful`
   */
  approve(id: number, auth: string): Promise<void>;
  /** @throws LimenError `change-gone` */
  reject(id: number, auth: string): Promise<void>;
  holds(id: number): boolean;
  code(id: number): readonly CodeChange[];
}

let desk: ChangeDesk | undefined;

export const setChangeDesk = (one: ChangeDesk): void => {
  desk = one;
};

/** @throws LimenError `change-gone` where this process holds no deploys */
export function changeDesk(): ChangeDesk {
  if (!desk) throw new LimenError("change-gone", { status: 410 });
  return desk;
}
