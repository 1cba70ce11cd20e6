import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import sharp from "sharp";
import type { EntryAttempt } from "../../core/entry/attempt.ts";
import { operatorAuth } from "../../vault/protocol/common.ts";
import type { Request } from "../../vault/protocol/index.ts";
import { moving, needs, newEngine, picture } from "../core/faces/data.ts";
import { actOf, sitterFrom, turning } from "../core/faces/liveness/acting.ts";
import { unrecorded } from "../core/faces/unrecorded.ts";
import { alwaysRule, estate, lookOf, openRig, printedCard, type Rig, readerCard, tokenFor } from "./rig.ts";

const enrolWith = ["102_1.jpg", "102_6.jpg", "102_7.jpg"].map((name) => `asian/ChinaTarget_102/${name}`);
const probe = "asian/ChinaTarget_102/102_12.jpg";
const stranger = "deepface/img1.jpg";

/** An HTTP camera that shows whatever it is told to, a little different each time, ten pictures a second at most. */
class StreetCamera {
  showing: Buffer[] = [];
  served = 0;
  /** What happens before a picture is given. */
  before?: (() => Promise<void>) | undefined;
  readonly #server: Server = createServer(async (_, answer) => {
    await this.before?.();
    const frame = this.showing[this.served++ % this.showing.length];
    if (!frame) answer.writeHead(503).end();
    else setTimeout(() => answer.writeHead(200, { "content-type": "image/jpeg" }).end(frame), 100);
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/picture.jpg`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

describe("the vault and a face", () => {
  const camera = new StreetCamera();
  let site: Request<"configure">;
  let rig: Rig;
  let auth: string;
  let person: string;
  let consent: string;
  let acts = 0;

  before(async function () {
    needs(this, "models", "faces");
    rig = await openRig();
    const url = await camera.open();
    site = estate({
      cameras: [{ id: "main-camera", door: "main-gate", kind: "http-jpeg", url, maxAgeMs: 2000 }],
      looks: [lookOf("n1"), lookOf("n1-one", { mode: "1:1" })],
    });
    await rig.client.call("configure", site);
    auth = await tokenFor(rig);
    ({ id: person } = await rig.client.call("person.create", {
      auth,
      name: "王小明",
      birthDate: "1980-05-01",
    }));
    await rig.client.call("credential.issue", { auth, person, kind: "card", ...printedCard });
    await modelsReady(rig);
  });
  after(async () => {
    camera.close();
    await rig?.close();
  });

  const look = async (pictures: Buffer[], more: Partial<Request<"match">> = {}): Promise<EntryAttempt> => {
    camera.showing = pictures;
    return await rig.client.call("match", {
      door: "main-gate",
      node: "n1",
      camera: "main-camera",
      act: { kind: "screen", id: `act-${acts++}` },
      settings: { mode: "1:N", risk: 1e-3, frames: 5, agreeing: 2, seconds: 4.5 },
      ...more,
    });
  };
  const decided = async ({ id }: EntryAttempt): Promise<EntryAttempt> => {
    await rig.client.call("decide", { attempt: id, node: "n2", rule: alwaysRule });
    await rig.client.call("consent", { attempt: id, node: "n3" });
    return await rig.client.call("record", { attempt: id, node: "n4" });
  };
  const tap = (): Promise<EntryAttempt> =>
    rig.client.call("identify", {
      door: "main-gate",
      node: "n1",
      reader: "r1",
      method: "card",
      card: readerCard,
    });
  const enrol = (): Promise<unknown> =>
    rig.client.call("face.enrol", { auth, person }, enrolWith.map(picture));
  const giveConsent = async (whose = person): Promise<void> => {
    const notice = await rig.client.call("notice.current", { method: "face", language: "zh-CN" });
    const given = await rig.client.call("consent.give", {
      auth,
      person: whose,
      purpose: "door-entry",
      method: "face",
      doors: ["main-gate"],
      notice: notice.id,
      givenBy: "self",
      channel: "desk",
    });
    assert.equal(given.consent.state, "given");
    if (whose === person) consent = given.consent.id;
  };

  it("does not open the camera while nobody has agreed", async () => {
    const served = camera.served;
    const refused = await decided(await look(await moving(probe, 5)));
    assert.deepEqual([refused.outcome, refused.code], ["denied", "no-consent"]);
    assert.equal(camera.served, served);
  });

  it("takes no picture of somebody who has not agreed", async () => {
    await assert.rejects(enrol(), { code: "no-consent" });
  });

  it("opens for somebody who agreed, enrolled and asked", async () => {
    await giveConsent();
    await enrol();
    const granted = await decided(await look(await moving(probe, 5)));
    assert.deepEqual([granted.outcome, granted.code, granted.person], ["granted", "granted", person]);
    await rig.client.call("redeem", { ticket: granted.ticket!, door: "main-gate", action: "open" });
    const text = JSON.stringify(granted);
    assert.equal(text.includes("王小明"), false);
    assert.ok(text.length < 2000, "numbers and ids only");
  });

  it("takes an enrolment's pictures itself, at a door the consent covers and for the desk only", async () => {
    camera.showing = await moving(enrolWith[0]!, 6);
    const taken = await rig.client.call("face.enrol", { auth, person, camera: "main-camera" });
    assert.ok(taken.used > 0 && taken.frames <= 6);
    await assert.rejects(rig.client.call("face.enrol", { auth, person, camera: "nowhere" }), {
      code: "unknown-camera",
    });
    camera.showing = [];
    await assert.rejects(rig.client.call("face.enrol", { auth, person, camera: "main-camera" }), {
      code: "camera-silent",
    });
    const granted = await decided(await look(await moving(probe, 5)));
    assert.equal(granted.outcome, "granted");
  });

  it("compares with one person after a card (1:1), and that is two ways", async () => {
    const sensed = await tap();
    const seen = await look(await moving(probe, 5), {
      attempt: sensed.id,
      act: { kind: "attempt", id: sensed.id },
      node: "n1-one",
      settings: { mode: "1:1", risk: 1e-3, frames: 5, agreeing: 2, seconds: 4.5 },
    });
    const strong = { ...alwaysRule, assurance: "strong" as const };
    const ruled = await rig.client.call("decide", { attempt: seen.id, node: "n2", rule: strong });
    assert.equal(ruled.checks.at(-1)?.result, "pass");
  });

  it("looks only as the deployed flow says it does: no other mode, risk, number of frames, node or camera", async () => {
    const { settings } = site.looks[0]!;
    const others: Partial<Request<"match">>[] = [
      { settings: { ...settings, mode: "1:1" } },
      { settings: { ...settings, risk: 1e-2 } },
      { settings: { ...settings, agreeing: 3 } },
      { settings: { ...settings, challenge: "turn" } },
      { node: "n1-one" },
      { node: "a-function-node" },
    ];
    const served = camera.served;
    for (const other of others)
      await assert.rejects(look(await moving(probe, 5), other), { code: "look-not-declared" });
    // a door whose papers are for one person after a card
    await rig.client.call("configure", { ...site, looks: [lookOf("n1", { mode: "1:1" })] });
    await assert.rejects(look(await moving(probe, 5)), { code: "look-not-declared" });
    await rig.client.call("configure", { ...site, looks: [] });
    await assert.rejects(look(await moving(probe, 5)), { code: "look-not-declared" });
    await rig.client.call("configure", site);
    assert.equal(camera.served, served, "no picture was taken");
  });

  it("refuses the same act twice", async () => {
    const act = { kind: "screen", id: "pressed-once" } as const;
    await look(await moving(probe, 5), { act });
    const again = await look(await moving(probe, 5), { act });
    assert.equal(again.code, "replayed");
  });

  it("knows no stranger, no empty scene and no stream that stands still; each has its own code", async () => {
    assert.equal((await decided(await look(await moving(stranger, 6)))).code, "no-match");
    const frozen = await moving(probe, 1);
    assert.equal((await decided(await look([frozen[0]!]))).code, "camera-frozen");
    camera.showing = [];
    assert.equal((await decided(await look([]))).code, "camera-silent");
  });

  it("compares nobody from the very next frame on who leaves, loses the door or withdraws between two frames", async () => {
    const { consents, faces, persons } = rig.vault.services;
    const [wrong, ...right] = await moving(probe, 5);
    const endings: [string, () => unknown, () => unknown][] = [
      [
        "other doors",
        () => persons.update(person, { doors: ["unit-1"] }),
        () => persons.update(person, { doors: null }),
      ],
      [
        "withdrawn",
        () => rig.client.call("consent.withdraw", { auth, id: consent }),
        async () => {
          await giveConsent();
          await enrol();
        },
      ],
    ];
    for (const [name, end, mend] of endings) {
      const before = faces.engine.counts.comparisons;
      let pictures = 0;
      camera.before = async () => {
        if (++pictures === 2) await end();
      };
      const { outcome, code } = await decided(await look([wrong!, ...right]));
      camera.before = undefined;
      assert.notEqual(outcome, "granted", name);
      assert.notEqual(code, "granted", name);
      assert.ok(
        faces.engine.counts.comparisons - before <= 1,
        `${name}: compared with the first frame at most`,
      );
      await mend();
    }
    assert.equal(consents.check(person, "face", "main-gate"), undefined);
    assert.equal((await decided(await look(await moving(probe, 5)))).outcome, "granted");
  });

  it("says how to stand before an enrolment, with consent only, and describes nobody", async () => {
    const { counts } = rig.vault.services.faces.engine;
    const framing = (frames: Buffer[], whose = person) =>
      rig.client.call("face.framing", { auth, person: whose }, frames);
    assert.deepEqual(await framing([picture(enrolWith[0]!)]), {});
    const dark = await sharp(picture(enrolWith[0]!)).linear(0.08, 0).jpeg().toBuffer();
    assert.deepEqual(await framing([dark]), { hint: "face-too-dark" });
    const empty = await sharp({ create: { width: 640, height: 480, channels: 3, background: "#888" } })
      .jpeg()
      .toBuffer();
    assert.deepEqual(await framing([empty]), { hint: "no-face" });
    await assert.rejects(framing([]), { code: "frames-missing" });
    await assert.rejects(framing([Buffer.from("not a picture")]));
    const other = await rig.client.call("person.create", { auth, name: "Nobody Agreed" });
    await assert.rejects(framing([picture(enrolWith[0]!)], other.id), { code: "no-consent" });
    const after = rig.vault.services.faces.engine.counts;
    assert.deepEqual([after.embeddings, after.comparisons], [counts.embeddings, counts.comparisons]);
  });

  it("refuses garbage as a picture and keeps what there was", async () => {
    await assert.rejects(rig.client.call("face.enrol", { auth, person }, [Buffer.from("not a picture")]));
    await assert.rejects(rig.client.call("face.enrol", { auth, person }, []), { code: "frames-missing" });
    assert.equal((await decided(await look(await moving(probe, 5)))).outcome, "granted");
  });

  it("does not look at whoever stands outside the camera's marked zone", async () => {
    const zone = { x: 0, y: 0, width: 0.15, height: 1 };
    await rig.client.call("configure", {
      ...site,
      cameras: site.cameras.map((one) => ({ ...one, zone })),
    });
    const outside = await decided(await look(await moving(probe, 5)));
    await rig.client.call("configure", site);
    assert.equal(outside.code, "no-face");
    assert.equal((await decided(await look(await moving(probe, 5)))).outcome, "granted");
  });

  it("compares with those of one flat after its room code, names nobody before, and looks at no other flat", async () => {
    const { faces } = rig.vault.services;
    const flat = { mode: "1:1", flat: true } as const;
    await rig.client.call("configure", {
      ...site,
      looks: [lookOf("n1-flat", flat), lookOf("n1-one", { mode: "1:1" })],
    });
    const other = async (name: string, pictures?: string[]): Promise<string> => {
      const { id } = await rig.client.call("person.create", { auth, name, birthDate: "1980-05-01" });
      if (!pictures) return id;
      await giveConsent(id);
      await rig.client.call("face.enrol", { auth, person: id }, pictures.map(picture));
      return id;
    };
    const neighbour = await other("陈一", [
      "asian/ChinaTarget_110/110_4.jpg",
      "asian/ChinaTarget_110/110_8.jpg",
    ]);
    const refuser = await other("王大明");
    const order = { auth, kind: "room" as const, doors: ["main-gate"] };
    const codeOf = async (members: string[]): Promise<string> =>
      (await rig.client.call("code.share", { ...order, members })).code!;
    const [own, others, agreedNone] = await Promise.all(
      [[person, refuser], [neighbour], [refuser]].map(codeOf),
    );
    const typed = async (digits: string, pictures: Buffer[], node = "n1-flat"): Promise<EntryAttempt> => {
      const sensed = await rig.client.call("identify", {
        door: "main-gate",
        node: "n0",
        reader: "keypad",
        method: "pin",
        digits,
      });
      assert.equal(sensed.person, undefined);
      return look(pictures, {
        attempt: sensed.id,
        act: { kind: "attempt", id: sensed.id },
        node,
        settings: lookOf("n", node === "n1-flat" ? flat : { mode: "1:1" }).settings,
      });
    };
    const before = faces.engine.counts.comparisons;
    const seen = await typed(own!, await moving(probe, 5));
    assert.equal(seen.person, person, "recognised");
    assert.equal(
      faces.engine.counts.comparisons - before,
      seen.evidence!.frames,
      "with the one of this flat who agreed",
    );
    const granted = await decided(seen);
    assert.deepEqual([granted.outcome, granted.code], ["granted", "granted"]);
    assert.equal(JSON.stringify(granted).includes(refuser), false);

    const refusals = [
      [await typed(own!, await moving(stranger, 6)), "no-match"],
      [await typed(others!, await moving(probe, 5)), "no-match"], // not of this flat, whatever else they may open
      [await typed(agreedNone!, await moving(probe, 5)), "no-consent"],
      [await typed(own!, await moving(probe, 5), "n1-one"), "no-such-credential"], // the flow looks at no flat
    ] as const;
    for (const [attempt, code] of refusals) {
      const { person: named, outcome, code: why } = await decided(attempt);
      assert.deepEqual([named, outcome, why], [undefined, "denied", code]);
    }
    await rig.client.call("configure", site);
    await rig.client.call("face.remove", { auth, person: neighbour });
    while (faces.enrolled > 1) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it("lets neither of two who look alike in by face alone, and tells staff that, never who the other is", async () => {
    const twin = await rig.client.call("person.create", { auth, name: "王小红", birthDate: "1980-05-01" });
    await giveConsent(twin.id);
    const request = { auth, person: twin.id };
    const told = await rig.client.call("face.enrol", request, enrolWith.slice(0, 2).map(picture));
    assert.equal(told.needsSecondMethod, true);
    assert.equal(JSON.stringify(told).includes(person), false);
    const second = async (id: string, other: string) => {
      const read = await rig.client.call("person.read", { auth, id, purpose: "desk-request" });
      assert.equal(JSON.stringify(read).includes(other), false);
      return read.secondMethod;
    };
    assert.deepEqual(await second(twin.id, person), ["main-gate"]);
    assert.deepEqual(await second(person, twin.id), ["main-gate"], "the one who enrolled earlier as well");
    assert.equal((await decided(await look(await moving(probe, 5)))).outcome, "denied", "two are too close");
    await rig.client.call("face.remove", request);
    while (rig.vault.services.faces.enrolled > 1) await new Promise((resolve) => setTimeout(resolve, 20));
    const alone = await decided(await look(await moving(probe, 5)));
    assert.deepEqual([alone.outcome, alone.code], ["denied", "second-method-needed"]);
    assert.deepEqual(await second(person, twin.id), ["main-gate"], "as long as the door asks");
    assert.equal(await second(twin.id, person), undefined, "no face, nothing to ask");
    const sensed = await tap();
    const both = await look(await moving(probe, 5), {
      attempt: sensed.id,
      act: { kind: "attempt", id: sensed.id },
      node: "n1-one",
      settings: { mode: "1:1", risk: 1e-3, frames: 5, agreeing: 2, seconds: 4.5 },
    });
    assert.equal((await decided(both)).outcome, "granted");
    await enrol();
    assert.equal(await second(person, twin.id), undefined);
    assert.equal(
      (await decided(await look(await moving(probe, 5)))).outcome,
      "granted",
      "nobody is alike now",
    );
  });

  it("asks a second way of whoever is as near to somebody as this look's own threshold, not as one of another day's", async () => {
    const { templates } = rig.vault.services;
    const [strict, loose] = [lookOf("n1"), lookOf("n1-loose", { risk: 1e-2 })];
    await rig.client.call("configure", { ...site, looks: [strict, loose] });
    const shown = async ({ node, settings }: typeof strict) =>
      await decided(await look(await moving(probe, 5), { node, settings }));
    const at = [await shown(strict), await shown(loose)].map(({ code, evidence }) => {
      assert.equal(code, "granted");
      return evidence!.threshold!;
    });
    assert.ok(at[0]! > at[1]!);
    // somebody enrols who comes nearer than the loose look asks for, and not as near as the strict one does
    const other = await rig.client.call("person.create", { auth, name: "王小丽", birthDate: "1980-05-01" });
    const vectors = [Float32Array.from({ length: 128 }, (_, i) => (i === 0 ? 1 : 0))];
    const embedder = rig.vault.services.faces.engine.embedder!;
    const near = new Map(templates.of(person).map((id) => [id, (at[0]! + at[1]!) / 2]));
    templates.put(
      { person: other.id, vectors, embedder, epoch: rig.vault.services.rotation.epoch, near },
      unrecorded,
    );
    assert.equal((await shown(strict)).code, "granted");
    assert.equal((await shown(loose)).code, "second-method-needed");
    const read = async () => await rig.client.call("person.read", { auth, id: person, purpose: "audit" });
    assert.deepEqual((await read()).secondMethod, ["main-gate"], "some look there asks");
    await rig.client.call("configure", { ...site, looks: [strict] });
    assert.equal((await read()).secondMethod, undefined, "no look does");
    await rig.client.call("configure", { ...site, looks: [strict, loose] });
    for (const id of templates.of(other.id)) templates.remove(id);
    assert.equal((await shown(loose)).code, "second-method-needed", "the other still has that face");
    await enrol();
    assert.equal((await shown(loose)).code, "granted");
    await rig.client.call("configure", site);
  });

  it("lets no two who are alike slip past each other by enrolling at once", async () => {
    const twins = await Promise.all(
      ["李一", "李二"].map((name) =>
        rig.client.call("person.create", { auth, name, birthDate: "1980-05-01" }),
      ),
    );
    for (const { id } of twins) await giveConsent(id);
    const pictures = ["asian/ChinaTarget_110/110_4.jpg", "asian/ChinaTarget_110/110_8.jpg"];
    const { templates, faces } = rig.vault.services;
    const { gallery } = faces;
    const nearness = gallery.nearness.bind(gallery);
    gallery.nearness = async (...asked) => {
      const near = await nearness(...asked);
      await new Promise((resolve) => setTimeout(resolve, 1000)); // many faces: the other's pictures are described meanwhile
      return near;
    };
    await Promise.all(
      twins.map(({ id }) => rig.client.call("face.enrol", { auth, person: id }, pictures.map(picture))),
    );
    gallery.nearness = nearness;
    for (const { id } of twins) {
      assert.ok(templates.nearest(id) > 0.99, "the same face");
      await rig.client.call("face.remove", { auth, person: id });
    }
    while (faces.enrolled > 1) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it("asks for a turn of the head where the door wants one: the side is drawn, the other stays shut, cards go on", async () => {
    const screen = { id: "main-screen", door: "main-gate", kind: "screen", maxAgeMs: 2000 } as const;
    const turn = { seconds: 4.5, challenge: "turn" } as const;
    await rig.client.call("configure", {
      ...site,
      cameras: [...site.cameras, screen],
      looks: [...site.looks, lookOf("n1-turn", turn, "main-screen")],
    });
    const engine = await newEngine();
    const sitter = await sitterFrom(engine, enrolWith[1]!);
    await engine.close();
    const turns = {
      "turn-left": await actOf("live", sitter, turning(42)),
      "turn-right": await actOf("live", sitter, turning(-42)),
    };

    /** A door screen: pushes what the person does, hears what is asked. */
    const act = async (reaction: (ask: "turn-left" | "turn-right") => Buffer[]): Promise<EntryAttempt> => {
      let running = true;
      const events: unknown[] = [];
      const hear = (event: { event: string }) => void events.push(event);
      rig.client.on("event", hear);
      const attempt = rig.client
        .call("match", {
          door: "main-gate",
          node: "n1-turn",
          camera: "main-screen",
          act: { kind: "screen", id: `turn-${acts++}` },
          settings: { mode: "1:N", risk: 1e-3, frames: 5, agreeing: 2, seconds: 4.5, challenge: "turn" },
        })
        .finally(() => {
          running = false;
        });
      let asked: "turn-left" | "turn-right" | undefined;
      let frames = turns["turn-left"].slice(0, 3);
      for (let i = 0; running; i++) {
        const frame = frames[asked ? Math.min(i, frames.length - 1) : i % frames.length]!;
        const { ask } = await rig.client.call("frame", { camera: "main-screen" }, [Buffer.from(frame)]);
        if (ask !== undefined && asked === undefined) {
          asked = ask;
          frames = reaction(ask).slice(3);
          i = -1;
        }
        // the first three are looked at over more than 150 ms: sooner nobody is recognised
        await new Promise((resolve) => setTimeout(resolve, 120));
      }
      rig.client.off("event", hear);
      assert.ok(asked !== undefined, "recognised, and asked");
      const told = events.filter((event) => (event as { ask?: string }).ask === asked);
      assert.equal(told.length, 1, "the flow is told as well");
      return await decided(await attempt);
    };

    const right = await act((ask) => turns[ask]);
    assert.equal(right.outcome, "granted", right.code);
    assert.ok(right.evidence!.turned! >= 15);
    const wrong = await act((ask) => turns[ask === "turn-left" ? "turn-right" : "turn-left"]);
    assert.equal(wrong.outcome, "denied");
    assert.ok(wrong.code === "challenge-failed" || wrong.code === "not-live", wrong.code);
    assert.equal(
      (await decided(await tap())).outcome,
      "granted",
      "whoever cannot turn uses the card as ever",
    );
    await rig.client.call("configure", site);
  });

  it("tells a door's own screen when a look wants its pictures and what is wrong with them; an enrolment wants none of it", async () => {
    const screen = { id: "main-screen", door: "main-gate", kind: "screen", maxAgeMs: 2000 } as const;
    const flat = lookOf("n1-code", { mode: "1:1" }, "main-screen");
    await rig.client.call("configure", { ...site, cameras: [...site.cameras, screen], looks: [flat] });
    const told: Record<string, unknown>[] = [];
    const hear = (event: { event: string }) => void (event.event === "look" && told.push({ ...event }));
    rig.client.on("event", hear);
    const sensed = await tap();
    let running = true;
    const attempt = rig.client
      .call("match", {
        door: "main-gate",
        node: flat.node,
        camera: flat.camera,
        act: { kind: "attempt", id: sensed.id },
        attempt: sensed.id,
        settings: flat.settings,
      })
      .finally(() => {
        running = false;
      });
    const [couple, own] = [await moving("deepface/couple.jpg", 4), await moving(probe, 8)];
    let hint: string | undefined;
    for (let i = 0; running; i++) {
      // the screen goes on with the wrong picture until it is told what is wrong
      const frame = hint === undefined && i < 20 ? couple[i % couple.length]! : own[i % own.length]!;
      const answer = await rig.client.call("frame", { camera: "main-screen" }, [Buffer.from(frame)]);
      hint ??= answer.hint;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.equal((await decided(await attempt)).outcome, "granted");
    assert.equal(hint, "two-faces");
    const at = { event: "look", camera: "main-screen", door: "main-gate" };
    assert.deepEqual(told, [
      { ...at, running: true, screen: true },
      { ...at, running: true, hint: "two-faces" },
      { ...at, running: true, hint: null },
      { ...at, running: false, screen: true },
    ]);
    told.length = 0;
    const enrolling = rig.client.call("face.enrol", { auth, person, camera: "main-screen" });
    for (const frame of own.slice(0, 2)) {
      await rig.client.call("frame", { camera: "main-screen" }, [Buffer.from(frame)]);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await enrolling.catch(() => undefined);
    rig.client.off("event", hear);
    assert.ok(told.length > 0 && told.every((event) => !("screen" in event)));
    await enrol();
    await rig.client.call("configure", site);
  });

  it("takes no recording at a real door: pictures of an earlier look do not come back", async () => {
    const doors = site.doors.map((door) => ({ ...door, simulated: false }));
    const real = { ...site, doors, site: { ...site.site, demonstration: false } };
    rig.vault.services.papers.inForce = () => true; // which papers a real door needs is another test's matter
    assert.equal((await rig.client.call("configure", real)).faceArmed, true);
    const frames = await moving(probe, 12); // more than a look takes: they do not go round in one
    const fromTheFirst = () => {
      camera.served = 0;
      return look(frames);
    };
    assert.equal((await decided(await fromTheFirst())).outcome, "granted");
    const again = await decided(await fromTheFirst());
    assert.deepEqual([again.outcome, again.code, again.evidence?.cue], ["denied", "not-live", "repeat"]);
    await rig.client.call("configure", site);
    assert.equal(
      (await decided(await fromTheFirst())).outcome,
      "granted",
      "a simulated one may be shown them",
    );
  });

  it("arms no face at a real door on demonstration papers", async () => {
    const doors = site.doors.map((door) => ({ ...door, simulated: false }));
    const { faceArmed } = await rig.client.call("configure", { ...site, doors });
    assert.equal(faceArmed, false);
    assert.equal((await look(await moving(probe, 5))).code, "face-off");
    await rig.client.call("configure", site);
  });

  it("decides the same after the operator renewed every face, for whom no staff may", async () => {
    await assert.rejects(rig.client.call("faces.renew", { auth }), { status: 403 });
    const renewed = await rig.operator.call("faces.renew", { auth: operatorAuth });
    assert.deepEqual(renewed, { epoch: 2, templates: 1 });
    assert.equal((await decided(await look(await moving(probe, 5)))).outcome, "granted");
    assert.equal((await decided(await look(await moving(stranger, 5)))).outcome, "denied");
  });

  it("comes back after a restart with the same people", async () => {
    await rig.restart();
    await rig.client.call("configure", site);
    await modelsReady(rig);
    assert.equal((await decided(await look(await moving(probe, 5)))).outcome, "granted");
  });

  it("suspends the consent when what matters in the notice changes, and lives again with the old one asked anew", async () => {
    const notices = site.notices.map((notice) => ({ ...notice, material: "b".repeat(64) }));
    await rig.client.call("configure", { ...site, notices });
    assert.equal((await decided(await look(await moving(probe, 5)))).code, "no-consent");
    await giveConsent();
    assert.equal((await decided(await look(await moving(probe, 5)))).outcome, "granted");
  });

  it("stops at once on withdrawal, erases with a receipt, and the card opens as before", async () => {
    const { erasure } = await rig.client.call("consent.withdraw", { auth, id: consent });
    assert.equal((await decided(await look(await moving(probe, 5)))).code, "no-consent");
    const sensed = await tap();
    assert.equal((await decided(sensed)).outcome, "granted");
    const done = await finished(erasure!);
    assert.equal(done.state, "done");
    assert.match(done.receipt!, /limen-erasure-receipt/);
    const { template } = await rig.client.call("person.read", {
      auth,
      id: person,
      purpose: "rights-request",
    });
    assert.equal(template, false);
    assert.equal(rig.vault.services.faces.enrolled, 0);
    assert.equal(rig.vault.services.log.coverage().findings.length, 0);
  });

  it("erases a whole person: no card, no name, and a receipt", async () => {
    const { id } = await rig.client.call("erasure.start", { auth, person });
    assert.equal((await finished(id)).state, "done");
    await assert.rejects(rig.client.call("person.read", { auth, id: person, purpose: "audit" }), {
      status: 404,
    });
    assert.equal((await tap()).code, "no-such-credential");
    assert.equal(rig.vault.services.log.coverage().findings.length, 0);
  });

  const finished = async (id: string) => {
    for (;;) {
      const erasure = await rig.client.call("erasure.read", { auth, id });
      if (erasure.state === "done") return erasure;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
});

async function modelsReady(rig: Rig): Promise<void> {
  while (!(await rig.client.call("health", {})).faces.ready)
    await new Promise((resolve) => setTimeout(resolve, 50));
}
