import { timingSafeEqual } from "node:crypto";
import { createServer, type Server } from "node:net";
import { Duplex } from "node:stream";
import { Aedes, type AuthenticateError, type Client } from "aedes";
import { limitPackets } from "./limit.ts";
import { mayPublish, maySubscribe } from "./rights.ts";

/** The user name of Limen's own connections. */
export const ownUser = "limen";

export interface BrokerOptions {
  /** The password of `limen`, made anew at every start and kept in memory. */
  password: string;
  /** Something worth a line in the log: a refused topic, a broken connection. Topics only, never payloads. */
  log(line: string): void;
}

export interface Broker {
  /** Listens on loopback. @returns the port */
  listen(port: number): Promise<number>;
  /** Serves one connection that came another way (a WebSocket of a signed-in page). */
  serve(stream: Duplex): void;
  close(): Promise<void>;
}

const refused = (): AuthenticateError =>
  Object.assign(new Error("bad user name or password"), { returnCode: 4 });
const equal = (given: Buffer | undefined, wanted: string): boolean => {
  const bytes = Buffer.from(wanted);
  return given?.length === bytes.length && timingSafeEqual(given, bytes);
};

/**
 * The embedded MQTT broker for devices of this box and for the simulator. Whoever gives no name is a device; only the
 * bearer of this start's password is Limen itself. Limits: five seconds to say who one is, 64-character client ids,
 * 100 messages waiting for a slow client, a minute for one that does not read.
 */
export async function createBroker({ password, log }: BrokerOptions): Promise<Broker> {
  const own = new WeakSet<Client>();
  const isOwn = (client: Client | null): boolean => client === null || own.has(client);
  const aedes = await Aedes.createBroker({
    connectTimeout: 5000,
    maxClientsIdLength: 64,
    queueLimit: 100,
    drainTimeout: 60_000,
    maxTopicLevels: 8,
    maxInflightInbound: 20,
    authenticate(client, user, given, done) {
      if (user === undefined && given === undefined) return done(null, true);
      if (user !== ownUser || !equal(given, password)) return done(refused(), false);
      own.add(client);
      done(null, true);
    },
    authorizePublish(client, packet, done) {
      const said = { topic: packet.topic, retain: packet.retain, size: Buffer.byteLength(packet.payload) };
      if (mayPublish(said, isOwn(client))) return done(null);
      log(`mqtt: not allowed to publish ${printable(packet.topic)}`);
      done(new Error("not allowed to publish there"));
    },
    authorizeSubscribe(client, subscription, done) {
      if (maySubscribe(subscription.topic, isOwn(client))) return done(null, subscription);
      log(`mqtt: not allowed to subscribe to ${printable(subscription.topic)}`);
      done(null, null);
    },
  });
  const broken = (_client: Client, error: Error): void => {
    if (error.name !== "AbortError") log(`mqtt: ${error.message}`); // somebody simply left
  };
  aedes.on("clientError", broken).on("connectionError", broken);

  const serve = (stream: Duplex): void => {
    const limited = stream.pipe(limitPackets());
    const both = Duplex.from({ readable: limited, writable: stream });
    for (const part of [stream, limited, both]) part.on("error", () => stream.destroy());
    stream.on("close", () => both.destroy());
    aedes.handle(both);
  };
  let server: Server | undefined;
  return {
    serve,
    listen(port) {
      // a few bytes each way, and a door waits for them: never gather small packets (Nagle)
      const listening = createServer({ noDelay: true }, serve);
      server = listening;
      return new Promise((resolve, reject) => {
        listening.once("error", reject);
        listening.listen(port, "127.0.0.1", () => resolve((listening.address() as { port: number }).port));
      });
    },
    async close() {
      const listening = server;
      await new Promise<void>((resolve) => aedes.close(resolve));
      if (listening) await new Promise((resolve) => listening.close(resolve));
    },
  };
}

/** A topic for the log: it came from outside. */
const printable = (topic: string): string => topic.slice(0, 100).replace(/[^\x20-\x7e]/g, "?");
