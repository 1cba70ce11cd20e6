/** What Node-RED's runtime keeps flow credentials in: no interface of Node-RED's, like its file store. */
export interface RuntimeCredentials {
  get(id: string): object | undefined;
  add(id: string, credentials: object): Promise<unknown>;
  delete(id: string): void;
  /** Called with a flow about to be saved, before its nodes' credentials are taken out of it. */
  clean(flow: readonly { id?: string }[]): Promise<unknown>;
  /** Called with the whole set, from the disk or from a deploy that brings it along. */
  load(sealed: object): Promise<unknown>;
}

/** Credentials by the id of their node; undefined: none. In memory only. */
export type NodeSecrets = ReadonlyMap<string, object | undefined>;

/**
 * What a deploy does to flow credentials. Node-RED takes them over before it asks whether the flow may be saved, and goes on
 * with them when it may not; so what there was is remembered just before, and put back.
 */
export class FlowSecrets {
  readonly #credentials: RuntimeCredentials;
  readonly #running: () => readonly object[];
  #before = new Map<string, object | undefined>();

  /** @param running the flow until now: whose nodes may have credentials */
  constructor(credentials: RuntimeCredentials, running: () => readonly object[]) {
    this.#credentials = credentials;
    this.#running = running;
    const { clean, load } = credentials;
    credentials.clean = (flow) => {
      this.#remember(flow);
      return clean(flow);
    };
    credentials.load = (sealed) => {
      this.#remember([]);
      return load(sealed);
    };
  }

  #remember(flow: readonly object[]): void {
    this.#before = new Map();
    for (const { id } of [...this.#running(), ...flow] as { id?: unknown }[])
      if (typeof id === "string" && !this.#before.has(id))
        this.#before.set(id, structuredClone(this.#credentials.get(id)));
  }

  /** What the present deploy changed: the credentials as they would be. */
  changed(): NodeSecrets {
    const next = new Map<string, object | undefined>();
    for (const [id, was] of this.#before) {
      const is = this.#credentials.get(id);
      if (JSON.stringify(is) !== JSON.stringify(was)) next.set(id, structuredClone(is));
    }
    return next;
  }

  /** The present deploy is not saved: credentials are what they were. */
  async rollBack(): Promise<void> {
    for (const id of this.changed().keys()) await this.#set(id, this.#before.get(id));
  }

  /** Puts held credentials in place, for the deploy they belong to. @returns what takes them back */
  async apply(secrets: NodeSecrets): Promise<() => Promise<void>> {
    const was = new Map([...secrets.keys()].map((id) => [id, structuredClone(this.#credentials.get(id))]));
    for (const [id, value] of secrets) await this.#set(id, value);
    return async () => {
      for (const [id, value] of was) await this.#set(id, value);
    };
  }

  async #set(id: string, value: object | undefined): Promise<void> {
    if (value === undefined) this.#credentials.delete(id);
    else await this.#credentials.add(id, structuredClone(value));
  }
}
