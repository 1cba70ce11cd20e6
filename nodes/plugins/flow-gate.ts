import { type Finding, refusals } from "../../core/policy/finding.ts";
import { languageOf, refusalText } from "../../core/policy/refusal.ts";

/** The part of a Node-RED storage module a gate stands in front of. */
export interface FlowStorage {
  getFlows(): Promise<object[]>;
  saveFlows(flows: object[], user?: EditorUser): Promise<unknown>;
  getCredentials(): Promise<object>;
  saveCredentials(credentials: object): Promise<unknown>;
}

/** Who is signed in at the editor or the admin API; absent where accounts are off. */
export interface EditorUser {
  username?: string;
}

export interface Gate {
  /** Everything against a flow about to be saved. @see lint */
  lint(flow: readonly object[]): readonly Finding[];
  /** A flow came from the disk: at start, or by a reload. */
  onLoaded(flow: readonly object[]): void | Promise<void>;
  /** A deploy was refused. Awaited before the refusal is answered: who tried is on the record. */
  onRefused(refused: {
    flow: readonly object[];
    findings: readonly Finding[];
    user: EditorUser | undefined;
  }): void | Promise<void>;
  /** A deploy was saved. @param before the flow until now */
  onSaved(saved: {
    flow: readonly object[];
    before: readonly object[];
    user: EditorUser | undefined;
  }): void | Promise<void>;
}

/**
 * A storage module that saves lawful flows only. Every way to deploy ends here: `/flows` of any type, `/flow`,
 * `/flow/:id`, an import, a library entry put in place. What is refused leaves the file, the credentials and the running
 * flow as they were, and answers 422 `flow-unlawful` with a list to read. A flow that is on the disk already is loaded
 * whatever it is: `onLoaded` sees to it that nothing of an unlawful one is armed.
 */
export function lawfulStorage<S extends FlowStorage>(inner: S, gate: Gate): S {
  let before: readonly object[] = [];
  const credentials = new HeldCredentials(inner);
  return {
    ...inner,
    async getFlows() {
      before = await inner.getFlows();
      await gate.onLoaded(before);
      return before;
    },
    saveCredentials: (next: object) => credentials.save(next),
    async saveFlows(flow: object[], user?: EditorUser) {
      const findings = refusals(gate.lint(flow));
      if (findings.length > 0) {
        await credentials.takeBack();
        await gate.onRefused({ flow, findings, user });
        throw unlawful(refusalText(findings, languageOf(flow)));
      }
      await credentials.settle();
      const saved = await inner.saveFlows(flow, user);
      await gate.onSaved({ flow, before, user });
      before = flow;
      return saved;
    },
  };
}

/**
 * Node-RED saves changed credentials a moment before the flow they belong to. When that flow is refused they are put
 * back, and kept for the next deploy that is not: the runtime counts them as saved.
 */
class HeldCredentials {
  readonly #inner: FlowStorage;
  #previous: object | undefined;
  #latest: object | undefined;
  #held: object | undefined;

  constructor(inner: FlowStorage) {
    this.#inner = inner;
  }

  async save(next: object): Promise<unknown> {
    this.#previous = await this.#inner.getCredentials();
    this.#latest = next;
    return await this.#inner.saveCredentials(next);
  }

  async takeBack(): Promise<void> {
    if (this.#previous !== undefined) await this.#inner.saveCredentials(this.#previous);
    this.#held = this.#latest ?? this.#held;
    this.#previous = this.#latest = undefined;
  }

  async settle(): Promise<void> {
    if (this.#latest === undefined && this.#held !== undefined) await this.#inner.saveCredentials(this.#held);
    this.#previous = this.#latest = this.#held = undefined;
  }
}

/** An error the admin API answers with 422, on every route: `/flow` and `/flow/:id` would set 400 themselves. */
function unlawful(message: string): Error {
  const error = Object.assign(new Error(message), { code: "flow-unlawful" });
  error.stack = `flow-unlawful: ${message}`; // the runtime logs it, and the way here tells nobody anything
  return Object.defineProperty(error, "status", { enumerable: true, get: () => 422, set: () => undefined });
}
