import { LimenError } from "../../errors.ts";

/** A card that lies in a reader's field now. */
export interface PresentCard {
  /** As it came over the air: 4, 7 or 10 bytes. */
  uid: Uint8Array;
  /** Whether it takes commands (ISO/IEC 14443-4). */
  talks: boolean;
  /**
   * Sends it a command. Only while its visit lasts.
   * @returns the answer, status bytes included
   * @throws LimenError `card-torn` when it has gone, or the reader has
   */
  exchange(apdu: Uint8Array): Promise<Uint8Array>;
}

/** What a reader that can talk with cards reports. */
export interface ChipReaderEvents {
  /** Called again and again while a card lies there; the reader waits until it is done with. Never rejects. */
  card(card: PresentCard): Promise<void>;
  /** Whether the reader answers. */
  state(online: boolean): void;
}

export const cardTorn = (): LimenError => new LimenError("card-torn", { status: 409 });
