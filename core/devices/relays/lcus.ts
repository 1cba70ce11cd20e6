/** How many relays the largest LCUS board has. */
export const lcusChannels = 8;

/**
 * LCUS USB relay boards (CH340, 9600 8N1): `A0`, channel, state, sum of the three. The board neither answers nor times
 * anything: who switches on must switch off.
 * @param channel 1 to 8
 */
export function encodeLcus(channel: number, on: boolean): Uint8Array {
  if (!Number.isInteger(channel) || channel < 1 || channel > lcusChannels)
    throw new RangeError("an LCUS board has relays 1 to 8");
  const state = on ? 1 : 0;
  return Uint8Array.of(0xa0, channel, state, (0xa0 + channel + state) & 0xff);
}
