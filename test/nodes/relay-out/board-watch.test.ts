import assert from "node:assert/strict";
import type { Bus } from "../../../nodes/limen-bus/bus.ts";
import { BoardWatch } from "../../../nodes/relay-out/board-watch.ts";

const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise((again) => setTimeout(again, 5));
};

/** A board with one relay. */
class Board implements Bus {
  up = true;
  idleMs?: number;
  on: boolean | undefined = false;
  /** Answers that get lost from now on. */
  lost = 0;
  asked = 0;
  commands = 0;

  pulse(): Promise<void> {
    this.commands++;
    return Promise.resolve();
  }
  off(): Promise<void> {
    this.commands++;
    return Promise.resolve();
  }
  isOn?(): Promise<boolean | undefined> {
    this.asked++;
    return Promise.resolve(this.lost-- > 0 ? undefined : this.on);
  }
  onState(listener: (up: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  readonly #listeners = new Set<(up: boolean) => void>();
  set(up: boolean): void {
    this.up = up;
    for (const listener of this.#listeners) listener(up);
  }
}

describe("a board that says nothing by itself", () => {
  let board: Board;
  let told: string[];
  let watch: BoardWatch;
  let busy: boolean;
  const begin = (): void => {
    const tell = (kind: string, settles?: true) => void told.push(settles ? `${kind}, settled` : kind);
    watch = new BoardWatch(board, 1, 1, tell, () => busy);
  };
  beforeEach(() => {
    board = new Board();
    board.idleMs = 5;
    told = [];
    busy = false;
  });
  afterEach(() => watch.close());
  const askedMore = async (): Promise<void> => {
    const { asked } = board;
    await until(() => board.asked > asked + 4);
  };

  it("is missed when it gives no answer twice, once said, until it answers", async () => {
    begin();
    await askedMore();
    board.on = undefined;
    await until(() => told.length === 1);
    assert.ok(watch.silent);
    await askedMore();
    board.on = false;
    await until(() => told.length === 2);
    assert.deepEqual(told, ["relay-silent", "relay-rests"]);
    assert.equal(watch.silent, false);
    assert.equal(board.commands, 0);
  });

  it("may lose one answer, and settles an old alarm with its first", async () => {
    board.lost = 1;
    begin();
    await askedMore();
    board.lost = 1;
    await askedMore();
    assert.deepEqual(told, ["relay-rests, settled"]);
  });

  it("is let be while its relay is on: somebody else may hold it", async () => {
    board.on = true;
    begin();
    await askedMore();
    assert.deepEqual(told, []);
    assert.equal(board.commands, 0);
  });

  it("is not asked while the line is needed, nor where the line notices by itself", async () => {
    busy = true;
    begin();
    await new Promise((later) => setTimeout(later, 50));
    assert.equal(board.asked, 0);
    watch.close();
    busy = false;
    delete board.idleMs;
    begin();
    await new Promise((later) => setTimeout(later, 50));
    assert.equal(board.asked, 0);
  });

  describe("and cannot be asked", () => {
    const line = (up: boolean, grace = 20): void => {
      delete board.idleMs;
      Object.assign(board, { isOn: undefined, up });
      const tell = (kind: string, settles?: true) => void told.push(settles ? `${kind}, settled` : kind);
      watch = new BoardWatch(board, 1, 1, tell, () => busy, grace);
    };

    it("is missed when its line stays away, until it is back", async () => {
      line(true);
      board.set(false);
      await until(() => told.length === 2);
      assert.ok(watch.silent);
      board.set(false); // its keeper was started again, and found no line either
      board.set(true);
      board.set(false);
      await until(() => told.length === 4);
      assert.deepEqual(told, ["relay-rests, settled", "relay-silent", "relay-rests", "relay-silent"]);
      assert.equal(board.commands, 0);
    });

    it("is missed when its line never came, and not for a moment's unplugging", async () => {
      line(false);
      await until(() => told.length === 1);
      assert.deepEqual(told, ["relay-silent"]);
      watch.close();
      told = [];
      line(true, 60_000);
      board.set(false);
      board.set(true);
      watch.close();
      board.set(false);
      assert.deepEqual(told, ["relay-rests, settled"]);
    });

    it("is left to who watches its readers", () => {
      Object.assign(board, { watch: () => () => undefined });
      line(true);
      assert.deepEqual(told, []);
    });
  });
});
