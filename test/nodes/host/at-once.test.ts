import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, Socket } from "node:net";
import mqtt from "mqtt";
import { sendAtOnce } from "../../../nodes/host/at-once.ts";

describe("connections that Node-RED's nodes open", () => {
  const { setNoDelay } = Socket.prototype;
  const told: unknown[] = [];
  beforeEach(() => {
    told.length = 0;
    Socket.prototype.setNoDelay = function (this: Socket, noDelay) {
      told.push(noDelay);
      return setNoDelay.call(this, noDelay);
    };
  });
  afterEach(() => {
    Socket.prototype.setNoDelay = setNoDelay;
  });

  /** What an MQTT client's own connection was told. */
  const connect = async (): Promise<unknown[]> => {
    const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
    client.on("error", () => undefined);
    await new Promise<void>((closed) => client.once("close", () => closed()));
    client.end(true);
    await new Promise((closed) => server.close(closed));
    return [...told];
  };

  it("send small packets at once", async () => {
    const stop = sendAtOnce();
    try {
      assert.deepEqual(await connect(), [true]);
    } finally {
      stop();
    }
    told.length = 0;
    assert.deepEqual(await connect(), []);
  });
});
