import { LimenError } from "../../core/errors.ts";
import type { Handlers } from "../handlers.ts";
import type { Request } from "../protocol/index.ts";
import type { Services } from "../services.ts";

/** Shorter than a call to the vault may take. */
const patienceMs = 9000;

/** Giving a card by tapping it. */
export const tapVerbs = ({
  credentials,
  persons,
  recordChange,
  site,
  taps,
}: Services): Pick<Handlers, "credential.tap"> => ({
  async "credential.tap"({ person, door }, { actor }) {
    site.door(door);
    persons.read(person); // before anybody walks to a reader
    const card = await taps.next(door, patienceMs);
    if (!card) throw new LimenError("no-card-tapped", { status: 408 });
    const { number: hex, bits, notation } = card;
    const { id, assurance } = credentials.issueCard(
      { person, hex, bits, notation, number: printed(card) },
      actor,
    );
    await recordChange("card-tapped", { by: actor.id, credential: id, door }, person);
    const tail = credentials.read(id).tail;
    return { id, assurance, ...(tail === undefined ? {} : { tail }) };
  },
});

/** As most 125 kHz cards are printed, so that its last digits can be told at the desk; any other as the reader gave it. */
const printed = ({ format, number, bits }: NonNullable<Request<"identify">["card"]>): string =>
  format === "em4100" && bits >= 32
    ? (BigInt(`0x${number}`) & 0xffffffffn).toString().padStart(10, "0")
    : number;
