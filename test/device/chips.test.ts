import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { urlIn } from "../../core/devices/cards/ntag424/ndef.ts";
import { type FlowNode, readFlow } from "../flows/files.ts";
import { Ntag424Card } from "./chips/ntag424.ts";
import { Pn532Chip } from "./chips/pn532.ts";
import { WholeSystem } from "./chips/system.ts";
import { hasVpcd, VirtualReader } from "./chips/vpcd.ts";
import { FarEnd, has, PtyLine, until as waitFor } from "./lines.ts";

/** Patient: a busy machine may starve a conversation or two, and the card is tried again. */
const until = (holds: () => boolean | Promise<boolean>, what: string): Promise<void> =>
  waitFor(holds, what, 40_000);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** Longer than a card must be gone before it counts again in these flows. */
const goneMs = 700;

/** One of the flows that come with Limen, its ports set as an installer would. */
const wired = (file: string, port: string): FlowNode[] =>
  readFlow(`flows/examples/${file}.json`).map((node) => {
    if (node.type === "limen-bus" && node.kind !== "pcsc") return { ...node, port };
    if (node.type === "serial-port") return { ...node, serialport: port };
    return node.type === "card-read" ? { ...node, silence: 0.5 } : node;
  });

describe("protected cards on the whole system", () => {
  let system: WholeSystem;
  let line: PtyLine;
  let end: FarEnd | undefined;
  let chip: Pn532Chip;
  let person: string;

  before(async function () {
    if (!has("socat")) this.skip();
    line = new PtyLine();
    await line.plug();
    end = await FarEnd.open(line.far, 115_200);
    chip = new Pn532Chip((bytes) => void end?.say(bytes).catch(() => undefined));
    end.port.on("data", (bytes: Buffer) => chip.hear(bytes));
    system = await new WholeSystem().start();
    const [, created] = await system.api("desk", "POST", "/persons", { name: "Resident" });
    person = String(created.id);
  });
  after(async () => {
    await system?.stop();
    await end?.close();
    await line?.remove();
  });
  afterEach(async () => {
    chip.card = undefined;
    chip.habits = {};
    await pause(goneMs);
  });

  /** Lays a card on the door's reader until the door has decided. @returns what the door decided, and whether it opened */
  const lay = async (card: Pn532Chip["card"]): Promise<string> => {
    const [decided, opened] = [(await system.decisions("gate")).length, system.opened.length];
    chip.card = card;
    let codes: string[] = [];
    await until(async () => {
      codes = await system.decisions("gate");
      return codes.length > decided;
    }, "a decision");
    chip.card = undefined;
    await pause(goneMs);
    const code = codes.at(-1)!;
    if (code === "granted") await until(() => system.opened.length > opened, "the lock");
    else assert.equal(system.opened.length, opened, "the lock was told nothing");
    return code;
  };
  let used = "";
  /** Deploys one of these flows, and waits for its PN532 where it has one. */
  const use = async (file: string, port: string): Promise<void> => {
    if (used === file) return;
    used = file;
    chip.obeyed.length = 0;
    await system.deploy(wired(file, port));
    if (port === line.near) await until(() => chip.obeyed.includes(0x4a), "the reader");
  };
  const give = (more: object = {}) =>
    system.api("desk", "POST", `/persons/${person}/protected-card`, { door: "gate", ...more });
  const issued = async (more: object = {}): Promise<Ntag424Card> => {
    const card = new Ntag424Card();
    const given = give(more);
    await pause(200);
    chip.card = card;
    const [status, body] = await given;
    assert.equal(status, 201, JSON.stringify(body));
    assert.equal(body.assurance, "strong");
    chip.card = undefined;
    await pause(goneMs);
    return card;
  };

  describe("at a door that takes only such cards, through a PN532", () => {
    let card: Ntag424Card;
    before(async () => {
      await use("reader-pn532", line.near);
      card = await issued();
    });

    it("a card written at the desk opens it, again and again", async () => {
      assert.equal(await lay(card), "granted");
      assert.equal(await lay(card), "granted");
    });

    it("a card that can be copied does not, nor a stranger's", async () => {
      const plain = { uid: Buffer.from("04DE5F1EACC040", "hex"), sak: 0 };
      assert.equal(await lay(plain), "no-such-credential");
      const number = { kind: "card", notation: "UID", number: "04DE5F1EACC040" };
      assert.equal((await system.api("desk", "POST", `/persons/${person}/credentials`, number))[0], 201);
      assert.equal(await lay(plain), "second-method-needed");
      assert.equal(await lay(new Ntag424Card()), "no-such-credential");
    });

    it("a copy of its number does not, whether it keeps silent, lies or repeats a recording", async () => {
      assert.equal(await lay({ uid: card.uid, sak: 0x08 }), "assurance-too-low");
      const copy = new Ntag424Card(card.uid);
      copy.habits = { impostor: Buffer.alloc(16) };
      assert.equal(await lay(copy), "card-not-genuine");
      copy.habits = { impostor: randomBytes(16) };
      assert.equal(await lay(copy), "card-not-genuine");
      copy.habits = { garbage: true };
      assert.equal(await lay(copy), "card-not-genuine");
      // a recording of the real card's last visit
      let heard: Buffer[] = [];
      const reset = card.reset.bind(card);
      card.reset = () => {
        if (card.said.length > 2) heard = [...card.said];
        reset();
      };
      assert.equal(await lay(card), "granted");
      assert.ok(heard.length > 2);
      copy.habits = { recording: heard };
      assert.equal(await lay(copy), "card-not-genuine");
    });

    it("a card taken away in the middle is tried again when it lies there, without a word on the record", async () => {
      const before = await system.decisions("gate");
      card.habits = { leavesBefore: 1 };
      chip.card = card;
      await until(() => card.habits.leavesBefore !== undefined && card.habits.leavesBefore < 0, "the loss");
      card.habits = {};
      await until(async () => (await system.decisions("gate")).length > before.length, "the second try");
      assert.deepEqual((await system.decisions("gate")).slice(before.length), ["granted"]);
    });

    it("a lossy wire to the reader never opens for another, and the card still opens", async () => {
      chip.habits = { lostAcks: 2, damaged: 2, noise: Buffer.from("0000ff55aa", "hex") };
      assert.equal(await lay(card), "granted");
      chip.habits = { stale: true };
      assert.equal(await lay(new Ntag424Card()), "no-such-credential");
    });

    it("a card torn away while it is written is not issued; put back, it is", async () => {
      const torn = new Ntag424Card();
      torn.habits = { leavesAfter: 12 };
      const given = give();
      await pause(200);
      chip.card = torn;
      const [status, body] = await given;
      assert.deepEqual([status, body.code], [409, "card-torn"]);
      chip.card = undefined;
      torn.habits = {};
      await pause(goneMs);
      assert.equal(await lay(torn), "no-such-credential");
      const again = give();
      await pause(200);
      chip.card = torn;
      assert.equal((await again)[0], 201);
      chip.card = undefined;
      await pause(goneMs);
      assert.equal(await lay(torn), "granted");
    });

    it("a reader that goes silent is on the record, and serves again when it is back", async () => {
      const kinds = async (): Promise<string[]> => {
        const [, { events }] = await system.api("auditor", "GET", "/events?door=gate");
        return (events as { kind: string }[]).map(({ kind }) => kind);
      };
      chip.habits.dead = true;
      await until(async () => (await kinds()).includes("reader-silent"), "the alarm");
      chip.habits.dead = false;
      await until(async () => (await kinds()).includes("reader-back"), "its return");
      await line.unplug();
      await end?.close();
      await line.plug();
      end = await FarEnd.open(line.far, 115_200);
      end.port.on("data", (bytes: Buffer) => chip.hear(bytes));
      const decided = (await system.decisions("gate")).length;
      chip.card = card;
      await until(async () => (await system.decisions("gate")).length > decided, "the card");
      assert.equal((await system.decisions("gate")).at(-1), "granted");
    });
  });

  describe("with a reader that only reads their URL", () => {
    it("each URL opens once, and an older one never", async () => {
      await use("reader-pn532", line.near);
      const card = await issued({ signed_url: true });
      const other = new PtyLine();
      await other.plug();
      const far = await FarEnd.open(other.far);
      try {
        await use("reader-sun-url", other.near);
        const read = (): string => {
          card.reset();
          card.transceive(Buffer.from("00a4040c07d276000085010100", "hex"));
          card.transceive(Buffer.from("00a4000c02e104", "hex"));
          return urlIn(card.transceive(Buffer.from("00b0000060", "hex"))!)!;
        };
        const say = async (url: string): Promise<string> => {
          const decided = (await system.decisions("gate")).length;
          let codes: string[] = [];
          await until(async () => {
            await far.say(Buffer.from(`${url}\r`));
            await pause(800); // gone long enough to count again, where the port was not open yet
            codes = await system.decisions("gate");
            return codes.length > decided;
          }, "a decision");
          return codes[decided]!;
        };
        const [first, second] = [read(), read()];
        assert.equal(await say(second), "granted");
        assert.equal(await say(second), "replayed");
        assert.equal(await say(first), "replayed");
        const third = read();
        const changed = `${third.slice(0, -1)}${third.endsWith("0") ? "1" : "0"}`;
        assert.equal(await say(changed), "card-not-genuine");
        assert.equal(await say(third), "granted");
      } finally {
        await far.close();
        await other.remove();
      }
    });
  });

  describe("given at a desk with a PC/SC reader", () => {
    let desk: VirtualReader | undefined;
    before(async function () {
      if (!hasVpcd()) this.skip();
      desk = new VirtualReader();
      await desk.start();
    });
    after(async () => {
      await desk?.stop();
    });

    it("they open the door; the desk's reader opens nothing", async () => {
      await use("reader-pcsc-desk", line.near);
      const card = new Ntag424Card();
      const given = give();
      await pause(300);
      await desk?.lay(card);
      const [status, body] = await given;
      assert.equal(status, 201, JSON.stringify(body));
      desk?.lift();
      assert.equal(await lay(card), "granted");
      const before = await system.decisions("gate");
      await desk?.lay(card);
      await pause(1500);
      desk?.lift();
      assert.deepEqual(await system.decisions("gate"), before);
    });
  });
});
