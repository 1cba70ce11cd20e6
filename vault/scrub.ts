import { connect, createServer } from "node:net";

/** Several times the 64 KiB that the runtime reads at once. */
const zeros = Buffer.alloc(512 * 1024);

/**
 * Overwrites the buffer into which the runtime reads from every socket and pipe. It is the runtime's own, nobody can reach
 * it, and after a look it still holds the end of the last pictures: so zeros are read through it.
 * Resolves when they were, or when this box has no loopback to send them over.
 */
export function overwriteReadBuffer(): Promise<void> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end(zeros);
    });
    const finish = (): void => {
      server.close();
      resolve();
    };
    server.once("error", finish);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") return finish();
      const socket = connect(address.port, "127.0.0.1");
      socket.on("data", () => undefined).once("close", finish);
      socket.on("error", () => undefined);
    });
  });
}
