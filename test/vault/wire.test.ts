import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { encodePacket, onPackets, type Packet } from "../../vault/wire.ts";

/** Feeds bytes in pieces of the given sizes and collects what comes out. */
async function read(bytes: Buffer, cuts: readonly number[]): Promise<{ packets: Packet[]; broken: boolean }> {
  const stream = new PassThrough();
  const packets: Packet[] = [];
  let broken = false;
  stream.on("error", () => {
    broken = true;
  });
  onPackets(stream, ({ json, blobs }) =>
    packets.push({ json, blobs: blobs.map((blob) => Buffer.from(blob)) }),
  );
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    if (stream.destroyed) break;
    stream.write(bytes.subarray(at, Math.max(at, cut)));
    at = Math.max(at, cut);
  }
  await new Promise((resolve) => setImmediate(resolve));
  return { packets, broken };
}

describe("the vault's wire", () => {
  it("carries JSON and buffers, however the stream is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.jsonValue(), fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 3 })), {
          maxLength: 4,
        }),
        fc.array(fc.nat(400), { maxLength: 8 }),
        async (sent, cuts) => {
          const bytes = Buffer.concat(
            sent.map(([json, blobs]) =>
              encodePacket(
                json,
                blobs.map((b) => Buffer.from(b)),
              ),
            ),
          );
          const { packets } = await read(
            bytes,
            cuts.sort((a, b) => a - b),
          );
          assert.deepEqual(
            packets.map(({ json, blobs }) => [json, blobs.map((b) => [...b])]),
            sent.map(([json, blobs]) => [JSON.parse(JSON.stringify(json)), blobs.map((b) => [...b])]),
          );
        },
      ),
    );
  });

  it("ends the connection on what cannot be a packet", async () => {
    const huge = Buffer.alloc(8);
    huge.writeUInt32BE(0xffffffff, 0);
    assert.equal((await read(huge, [])).broken, true);
    const notJson = encodePacket("x");
    notJson[8] = 0x7b;
    assert.equal((await read(notJson, [])).broken, true);
    const badBlob = encodePacket({}, [Buffer.from("abc")]);
    badBlob.writeUInt32BE(99, 10);
    assert.equal((await read(badBlob, [])).broken, true);
  });
});
