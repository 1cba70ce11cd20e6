import { EventEmitter } from "node:events";
import type { WatchedKind } from "../../core/entry/alarms.ts";
import type { Method } from "../../core/entry/attempt.ts";
import type { EmergencyReason } from "../../core/entry/emergency.ts";
import { LimenError } from "../../core/errors.ts";
import type { VaultClient } from "../../vault/client.ts";
import type { Answer, Request } from "../../vault/protocol/index.ts";
import type { CameraConfig, DoorConfig, SiteConfig } from "../../vault/protocol/site.ts";

type Flow = Request<"configure">["flow"];
type Notices = Request<"configure">["notices"];
/** As `core/policy` reads them from the flow. */
type Emergencies = readonly {
  reason: EmergencyReason;
  start: Date;
  end: Date;
  two: boolean;
  noVisitors: boolean;
}[];
type Look = Request<"configure">["looks"][number];
type Armed = Answer<"configure">;

/** What a door takes beside its wires. */
type Offer = Pick<Request<"configure">["doors"][number], "phone" | "pad">;

/** What a node looks after at a door: alarms it raises and ends, and readers it tells of by name. */
export interface Watch {
  kinds?: readonly WatchedKind[];
  readers?: readonly string[];
}

interface Way {
  door: string;
  methods: readonly Method[];
}

/**
 * What the running flow says there is: the site, its doors, cameras and ways in, each under the id of the node that
 * said it. Told to the vault as a whole after every deploy and every reconnection.
 */
class Registry extends EventEmitter<{ configured: [Armed]; unconfigured: [] }> {
  readonly #sites = new Map<string, SiteConfig>();
  readonly #doors = new Map<string, DoorConfig>();
  readonly #cameras = new Map<string, CameraConfig>();
  readonly #looks = new Map<string, Look>();
  readonly #ways = new Map<string, Way>();
  readonly #seconds = new Map<string, Way>();
  readonly #offers = new Map<string, { door: string } & Offer>();
  readonly #watches = new Set<Watch & { node: string; door: string }>();
  #armed: Armed | undefined;

  constructor() {
    super();
    this.setMaxListeners(0); // every node may listen
  }

  site(node: string, site: SiteConfig): void {
    this.#sites.set(node, site);
  }

  door(node: string, door: DoorConfig): void {
    this.#doors.set(node, door);
  }

  camera(node: string, camera: CameraConfig): void {
    this.#cameras.set(node, camera);
  }

  /** A node that looks at faces says how: the vault refuses every other look. */
  look(look: Look): void {
    this.#looks.set(look.node, look);
  }

  /** A node that senses says which ways into which door it serves. Only a wired one should say so. */
  way(node: string, door: string, methods: readonly Method[]): void {
    this.#ways.set(node, { door, methods });
  }

  /** A node that goes on with an attempt another way began says which ways it adds. */
  second(node: string, door: string, methods: readonly Method[]): void {
    this.#seconds.set(node, { door, methods });
  }

  /** A node that takes acts beside its wires says so: what a door's screen and a resident's page may offer. */
  offer(node: string, door: string, offer: Offer): void {
    this.#offers.set(node, { door, ...offer });
  }

  /** A node says what it looks after at a door: alarms that no node does are over. @returns takes it back */
  watch(node: string, door: string, watch: Watch): () => void {
    const told = { node, door, ...watch };
    this.#watches.add(told);
    return () => void this.#watches.delete(told);
  }

  /** Takes back whatever this node said; `defineNode` does it on close. */
  forget(node: string): void {
    const things = [this.#sites, this.#doors, this.#cameras, this.#looks];
    for (const map of [...things, this.#ways, this.#seconds, this.#offers]) map.delete(node);
    for (const watch of this.#watches) if (watch.node === node) this.#watches.delete(watch);
  }

  /** A flow without a site is none of ours: an empty one, before anything was imported. */
  get isEmpty(): boolean {
    return this.#sites.size === 0 && this.#doors.size === 0;
  }

  /** The door with this id, if the flow has it. */
  findDoor(id: string): DoorConfig | undefined {
    for (const door of this.#doors.values()) if (door.id === id) return door;
    return undefined;
  }

  get allDoors(): readonly DoorConfig[] {
    return [...this.#doors.values()];
  }

  findSite(): SiteConfig | undefined {
    return this.#sites.values().next().value;
  }

  /** What is armed, once the vault has taken the present flow. */
  get armed(): Armed | undefined {
    return this.#armed;
  }

  /** From here on nothing is configured: a deploy began, or the vault went away. */
  reset(): void {
    this.#armed = undefined;
    this.emit("unconfigured");
  }

  /**
   * Waits until the vault has taken the present flow.
   * @throws LimenError `not-configured` after `ms`: a tap that waited longer must not open a door
   */
  async configured(ms = 3000): Promise<Armed> {
    if (this.#armed) return this.#armed;
    return await new Promise<Armed>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.off("configured", arrived);
        reject(new LimenError("not-configured", { status: 503 }));
      }, ms);
      const arrived = (armed: Armed): void => {
        clearTimeout(timer);
        resolve(armed);
      };
      this.once("configured", arrived);
    });
  }

  /**
   * The request for the vault's `configure`.
   * @throws LimenError `site-missing`, `site-twice`, `door-twice` or `camera-twice`: ids name things on the record
   */
  describe(
    flow: Flow,
    notices: Notices,
    emergencies: ReadonlyMap<string, Emergencies> = new Map(),
    lines: readonly { door: string; name: string }[] = [],
  ): Request<"configure"> {
    const [site, second] = [...this.#sites.values()];
    if (!site) throw new LimenError("site-missing");
    if (second) throw new LimenError("site-twice");
    const doors = [...this.#doors.values()].map((door) => {
      const seconds = methodsOf(this.#seconds, door.id);
      const stated = emergencies.get(door.id) ?? [];
      return {
        ...door,
        ways: methodsOf(this.#ways, door.id),
        ...(seconds.length > 0 && { seconds }),
        ...offersAt(this.#offers, door.id),
        ...(stated.length > 0 && { emergencies: stated.map(inText) }),
        watched: this.#watchedAt(door.id, lines),
      };
    });
    const cameras = [...this.#cameras.values()];
    unique(doors, "door-twice");
    unique(cameras, "camera-twice");
    return { site, doors, cameras, looks: [...this.#looks.values()], notices, flow };
  }

  #watchedAt(door: string, lines: readonly { door: string; name: string }[]) {
    const here = [...this.#watches].filter((watch) => watch.door === door);
    const heard = lines.filter((line) => line.door === door).map(({ name }) => name);
    return {
      kinds: [...new Set(here.flatMap(({ kinds = [] }) => kinds))].sort(),
      readers: [...new Set([...here.flatMap(({ readers = [] }) => readers), ...heard])].sort(),
    };
  }

  /**
   * Tells the vault, and then everyone who waits.
   * @param lines readers that speak through lines of Node-RED's own, by name
   * @throws what the vault refuses with
   */
  async configure(
    vault: VaultClient,
    flow: Flow,
    notices: Notices = [],
    emergencies: ReadonlyMap<string, Emergencies> = new Map(),
    lines: readonly { door: string; name: string }[] = [],
  ): Promise<Armed> {
    const armed = await vault.call("configure", this.describe(flow, notices, emergencies, lines));
    this.#armed = armed;
    this.emit("configured", armed);
    return armed;
  }
}

const inText = ({ start, end, ...asked }: Emergencies[number]) => ({
  ...asked,
  start: start.toISOString(),
  end: end.toISOString(),
});

/** Two nodes may take phones at one door: then whoever stands there can, and nobody else. */
function offersAt(offers: ReadonlyMap<string, { door: string } & Offer>, door: string): Offer {
  const here = [...offers.values()].filter((offer) => offer.door === door);
  const phones = here.flatMap(({ phone }) => phone ?? []);
  return {
    ...(phones.length > 0 && { phone: phones.includes("at-door") ? "at-door" : "anywhere" }),
    ...(here.some(({ pad }) => pad) && { pad: true }),
  };
}

function methodsOf(ways: ReadonlyMap<string, Way>, door: string): Method[] {
  const found = new Set<Method>();
  for (const way of ways.values()) if (way.door === door) for (const method of way.methods) found.add(method);
  return [...found].sort();
}

function unique(things: readonly { id: string }[], code: string): void {
  const seen = new Set<string>();
  for (const { id } of things) {
    if (seen.has(id)) throw new LimenError(code, { params: { id } });
    seen.add(id);
  }
}

/** One a process, as there is one running flow a process. */
export const registry = new Registry();
