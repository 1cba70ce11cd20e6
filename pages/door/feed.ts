import type { Ask, Hint } from "../shared/look.ts";

/** What became of an attempt at this door: an outcome, a code of the closed list, the language to say it in. */
export interface Told {
  attempt: string;
  outcome: "granted" | "denied";
  code: string;
  language?: string;
}

/** `lost`: the box does not answer. `vault-away`: it does, and cannot decide. `stranger`: this is not the door's screen. */
export type Line = "live" | "lost" | "vault-away" | "stranger";

interface Listener {
  onOutcome(told: Told): void;
  /** A look asks whoever was recognised to do something. */
  onAsk(ask: Ask): void;
  /** What is wrong with the newest picture of a look; undefined: nothing any more. */
  onHint(hint: Hint | undefined): void;
  /** A look wants this screen's own pictures, or is over. */
  onLook(running: boolean): void;
  onLine(line: Line): void;
  /** The box has started anew since this page was fetched. */
  onNewRun(): void;
}

const firstPauseMs = 1000;
const longestPauseMs = 15_000;

/** Follows the door's stream for as long as the page lives, whatever the box and the network do meanwhile. */
export async function followDoor(door: string, listener: Listener): Promise<never> {
  let pause = firstPauseMs;
  let run: string | undefined;
  for (;;) {
    const watch = new AbortController();
    let waitMs = 45_000;
    let timer = setTimeout(() => watch.abort(), waitMs);
    try {
      const response = await fetch(`/api/v1/doors/${door}/stream`, { signal: watch.signal });
      if (response.status === 403 || response.status === 404) listener.onLine("stranger");
      else if (response.ok && response.body) {
        for await (const [event, data] of events(response.body)) {
          // no word for longer than two beats: the line is dead, even if nobody said so
          clearTimeout(timer);
          timer = setTimeout(() => watch.abort(), waitMs);
          pause = firstPauseMs;
          if (event === "hello") {
            waitMs = data.beatMs * 2.5;
            if (run !== undefined && run !== data.run) listener.onNewRun();
            run = data.run;
          }
          if (event === "vault") listener.onLine(data.up ? "live" : "vault-away");
          if (event === "ask" && data.ask) listener.onAsk(data.ask);
          if (event === "hint") listener.onHint(data.hint ?? undefined);
          if (event === "look") listener.onLook(data.running);
          if (event === "outcome") listener.onOutcome(data as unknown as Told);
        }
        listener.onLine("lost");
      } else listener.onLine("lost");
    } catch {
      listener.onLine("lost");
    }
    clearTimeout(timer);
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 2, longestPauseMs);
  }
}

type Data = { run: string; beatMs: number; up: boolean; running: boolean; ask?: Ask; hint?: Hint | null };

/** Server-sent events of a body (HTML 9.2.6), as far as ours go: one `event` and one `data` line each. */
async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<[string, Data]> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const [, event, data] = /^event: (\S+)\ndata: (.*)$/.exec(block) ?? [];
      if (event !== undefined && data !== undefined) yield [event, JSON.parse(data) as Data];
    }
  }
}
