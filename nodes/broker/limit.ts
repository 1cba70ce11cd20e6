import { Transform } from "node:stream";

/** Longest MQTT "remaining length" taken: the largest picture and its topic. */
const longest = (3 << 20) + 1024;

/**
 * Passes MQTT bytes on and breaks off at a packet that announces more than a picture (MQTT 3.1.1, 2.2.3): the parser
 * behind it would keep collecting up to 256 MB for anybody who asks.
 */
export function limitPackets(): Transform {
  let left = 0; // bytes of the present packet still to come
  let at = 0; // position in the fixed header: 0 is the packet type
  let length = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let index = 0;
      while (index < chunk.length) {
        if (left > 0) {
          const step = Math.min(left, chunk.length - index);
          left -= step;
          index += step;
          continue;
        }
        const byte = chunk[index++]!;
        if (at++ === 0) {
          length = 0;
          continue;
        }
        length += (byte & 127) * 128 ** (at - 2);
        if (length > longest || at > 5) {
          done(new Error("an MQTT packet is too large"));
          return;
        }
        if ((byte & 128) === 0) {
          left = length;
          at = 0;
        }
      }
      done(null, chunk);
    },
  });
}
