import { t } from "../shared/words.ts";

/** The drawn door: what a person standing there would see. */
export class Scene {
  readonly #svg: SVGSVGElement;
  /** Told when the leaf leaves its frame or comes back: what a contact would notice. */
  moved: (open: boolean) => void = () => undefined;
  #closing: number | undefined;
  #resting: number | undefined;

  private constructor(svg: SVGSVGElement) {
    this.#svg = svg;
    this.describe();
  }

  /** Draws the door into `place`. */
  static async draw(place: HTMLElement): Promise<Scene> {
    const text = await (await fetch("/pages/simulator/scene.svg")).text();
    const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    place.replaceChildren(document.importNode(svg, true));
    return new Scene(place.firstElementChild as SVGSVGElement);
  }

  /** Releases the lock for as long as the relay was told: the leaf swings, and shuts by itself. */
  open(seconds: number): void {
    if (!this.isOpen) this.moved(true);
    this.#svg.dataset.door = "open";
    this.lamp("granted", seconds);
    clearTimeout(this.#closing);
    this.#closing = window.setTimeout(() => {
      this.#svg.dataset.door = "closed";
      this.moved(false);
      this.describe();
    }, seconds * 1000);
    this.describe();
  }

  get isOpen(): boolean {
    return this.#svg.dataset.door === "open";
  }

  lamp(state: "granted" | "denied", seconds = 3): void {
    this.#svg.dataset.lamp = state;
    clearTimeout(this.#resting);
    this.#resting = window.setTimeout(() => {
      this.#svg.dataset.lamp = "idle";
    }, seconds * 1000);
  }

  /** The camera's ring is lit exactly while a look runs. */
  looking(running: boolean): void {
    this.#svg.dataset.looking = String(running);
  }

  tap(): void {
    this.#svg.dataset.tap = "false";
    this.#svg.getBoundingClientRect(); // lets the animation start over
    this.#svg.dataset.tap = "true";
  }

  describe(): void {
    this.#svg.setAttribute("aria-label", t(this.isOpen ? "simulator.scene-open" : "simulator.scene-closed"));
  }
}
