import { parse, type Static } from "../../core/schema.ts";
import { entryVerbs } from "../../vault/protocol/entry.ts";
import type { Message } from "./types.ts";

const schema = entryVerbs.event.request;

/**
 * What a door did, for the record: `{door, kind, attempt?, detail?}` in `msg.payload`, kinds as in the vault's `event`
 * verb. Other fields are for the flow and are not recorded.
 */
export type DoorEvent = Static<typeof schema>;

/** Is this message about an event rather than an attempt? */
export const isDoorEvent = ({ payload }: Message): boolean =>
  typeof payload === "object" && payload !== null && "kind" in payload && "door" in payload;

/**
 * Is this what `door-watch` or `relay-out` says of an event (`{event, door}`)? They have put it on the record themselves:
 * it goes on, and is not recorded a second time.
 */
export const isRecordedEvent = ({ payload }: Message): boolean =>
  typeof payload === "object" &&
  payload !== null &&
  "door" in payload &&
  "event" in payload &&
  typeof payload.event === "string";

/** The event in a message. @throws LimenError `event-invalid` */
export function doorEventIn(message: Message): DoorEvent {
  const { door, kind, attempt, detail } = message.payload as Partial<DoorEvent>;
  return parse(
    schema,
    {
      door,
      kind,
      ...(attempt === undefined ? {} : { attempt }),
      ...(detail === undefined ? {} : { detail }),
    },
    "event-invalid",
  );
}
