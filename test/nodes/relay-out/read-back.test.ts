import assert from "node:assert/strict";
import type { Bus } from "../../../nodes/limen-bus/bus.ts";
import { ReadBack } from "../../../nodes/relay-out/read-back.ts";

const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise((again) => setTimeout(again, 5));
};

/** A board with one relay, which obeys OFF unless it is welded. */
class Board implements Bus {
  up = true;
  on: boolean | undefined = false;
  welded = false;
  asked = 0;
  offs = 0;
  #listener: (up: boolean) => void = () => undefined;

  pulse(): Promise<void> {
    return Promise.resolve();
  }
  off(): Promise<void> {
    this.offs++;
    if (!this.welded) this.on = false;
    return Promise.resolve();
  }
  isOn(): Promise<boolean | undefined> {
    this.asked++;
    return Promise.resolve(this.on);
  }
  onState(listener: (up: boolean) => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = () => undefined;
    };
  }
  comesBack(): void {
    this.#listener(true);
  }
}

describe("a relay that can be asked", () => {
  let board: Board;
  let told: string[];
  let read: ReadBack;
  beforeEach(() => {
    board = new Board();
    told = [];
  });
  afterEach(() => read.close());
  const begin = (): void => {
    read = new ReadBack(board, 1, 1, (kind) => told.push(kind));
  };

  it("is asked at the start, and told OFF when something left it on", async () => {
    board.on = true;
    begin();
    await until(() => told.length === 2);
    assert.deepEqual(told, ["relay-stuck", "relay-rests"]);
    assert.equal(board.offs, 1);
  });

  it("is asked after its pulse, and told OFF until it is", async () => {
    begin();
    await until(() => board.asked === 1);
    board.on = board.welded = true;
    read.pulsed(100);
    await until(() => board.offs >= 2);
    assert.deepEqual(told, ["relay-stuck"]); // said once, tried again
    board.welded = false;
    await until(() => told.length === 2);
    assert.equal(told[1], "relay-rests");
  });

  it("may be on while its time lasts, also when its line comes back meanwhile", async () => {
    begin();
    await until(() => board.asked === 1);
    board.on = true;
    read.pulsed(60_000);
    board.comesBack();
    read.pulsed(100); // a shorter one does not shorten it
    await new Promise((over) => setTimeout(over, 1300));
    assert.deepEqual([board.asked, told], [1, []]);
  });

  it("is left alone while fire holds its door, and asked when that is over", async () => {
    let burning = true;
    board.on = true; // the fire's own release, found after a restart
    read = new ReadBack(
      board,
      1,
      1,
      (kind) => told.push(kind),
      () => burning,
    );
    board.comesBack();
    await new Promise((over) => setTimeout(over, 50));
    assert.deepEqual([board.asked, board.offs, told], [0, 0, []]);
    burning = false;
    read.look();
    await until(() => told.length === 2);
    assert.equal(board.offs, 1);
  });

  it("has said nothing when it does not answer", async () => {
    board.on = undefined;
    begin();
    await until(() => board.asked === 1);
    board.comesBack();
    await until(() => board.asked === 2);
    assert.deepEqual(told, []);
  });
});
