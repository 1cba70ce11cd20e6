import type { Buzz, Led } from "./lights.ts";
import type { Request } from "./requests.ts";

/** What a reader shows the person before it. */
export type Feedback = "ready" | "wait" | "granted" | "denied" | "test";

interface Place {
  reader?: number;
  led?: number;
  /** How long it shows, seconds. */
  seconds?: number;
}

/**
 * The requests that show it: light, and sound where the person has to notice. `ready` is the lasting state (red: the
 * door is shut); the others are over by themselves, so a line that breaks leaves no green light behind.
 */
export function feedback(what: Feedback, { reader = 0, led = 0, seconds = 3 }: Place = {}): Request[] {
  const tenths = Math.min(Math.max(Math.round(seconds * 10), 1), 600);
  const shown = (colour: "green" | "red" | "amber", blinking: boolean): Led => ({
    reader,
    led,
    temporary: { on: 2, off: blinking ? 2 : 0, onColour: colour, offColour: "none", tenths },
  });
  const sound = (on: number, count: number): Request => {
    const buzz: Buzz = { reader, tone: 2, on, off: 1, count };
    return { kind: "buzzer", buzzes: [buzz] };
  };
  switch (what) {
    case "ready": {
      const permanent = { on: 1, off: 0, onColour: "red", offColour: "none" } as const;
      return [{ kind: "leds", leds: [{ reader, led, temporary: "cancel", permanent }] }];
    }
    case "wait":
      return [{ kind: "leds", leds: [shown("amber", true)] }];
    case "test": // no colour that says yes or no to whoever stands there
      return [{ kind: "leds", leds: [shown("amber", true)] }, sound(1, 2)];
    case "granted":
      return [{ kind: "leds", leds: [shown("green", false)] }, sound(2, 1)];
    case "denied":
      return [{ kind: "leds", leds: [shown("red", true)] }, sound(1, 3)];
  }
}
