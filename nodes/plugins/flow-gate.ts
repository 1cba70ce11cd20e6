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

/** A flow on its way to the disk. */
export interface Deploy {
  flow: readonly object[];
  /** The flow until now. */
  before: readonly object[];
  user: EditorUser | undefined;
}

export interface Gate {
  /** Everything against a flow about to be saved. @see lint */
  lint(flow: readonly object[]): readonly Finding[];
  /** A flow came from the disk: at start, or by a reload. */
  onLoaded(flow: readonly object[]): void | Promise<void>;
  /** A deploy was refused. Awaited before the refusal is answered: who tried is on the record. */
  onRefused(refused: Deploy & { findings: readonly Finding[] }): void | Promise<void>;
  /**
   * Asked of every lawful deploy before it is saved.
   * @throws whatever the deploy is answered with when it is not to be saved now
   */
  admit?(deploy: Deploy): Promise<void>;
  /** A deploy was saved. */
  onSaved(saved: Deploy): void | Promise<void>;
  /** A deploy was not saved: the runtime must not go on with credentials it brought. */
  onDropped?(): void | Promise<void>;
}

/**
 * A storage module that saves lawful flows only. Every way to deploy ends here: `/flows` of any type, `/flow`,
 * `/flow/:id`, an import, a library entry put in place. What is refused leaves the file, the credentials and the running
 * flow as they were, and answers 422 `flow-unlawful` with a list to read. A flow that is on the disk already is loaded
 * whatever it is: `onLoaded` sees to it that nothing of an unlawful one is armed.
 */
export function lawfulStorage<S extends FlowStorage>(inner: S, gate: Gate): S {
  let before: readonly object[] = [];
  const held = new HeldCredentials(inner);

  const admit = async (deploy: Deploy): Promise<void> => {
    const findings = refusals(gate.lint(deploy.flow));
    if (findings.length > 0) {
      await gate.onRefused({ ...deploy, findings });
      throw unlawful(refusalText(findings, languageOf(deploy.flow)));
    }
    await gate.admit?.(deploy);
  };

  return {
    ...inner,
    async getFlows() {
      await held.write();
      before = await inner.getFlows();
      await gate.onLoaded(before);
      return before;
    },
    async getCredentials() {
      await held.write();
      return inner.getCredentials();
    },
    saveCredentials: (next: object) => held.hold(next),
    async saveFlows(flow: object[], user?: EditorUser) {
      const credentials = held.claim();
      const deploy: Deploy = { flow, before, user };
      try {
        await admit(deploy);
      } catch (error) {
        await gate.onDropped?.();
        throw error;
      }
      if (credentials) await inner.saveCredentials(credentials);
      const saved = await inner.saveFlows(flow, user);
      await gate.onSaved(deploy);
      before = flow;
      return saved;
    },
  };
}

/**
 * Node-RED saves changed credentials a moment before the flow they belong to. They are written when that flow is: a
 * refused deploy, and a power cut between the two, leave the old ones on the disk. Credentials saved without a flow (a
 * project's new secret) are written on their own, before anything is read back.
 */
class HeldCredentials {
  readonly #inner: FlowStorage;
  #next: object | undefined;

  constructor(inner: FlowStorage) {
    this.#inner = inner;
  }

  hold(next: object): Promise<void> {
    this.#next = next;
    // the flow they belong to asks for them before this turn ends
    setImmediate(() => void this.write().catch(() => undefined));
    return Promise.resolve();
  }

  /** Takes them for the flow that is being saved. */
  claim(): object | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next;
  }

  async write(): Promise<void> {
    const next = this.claim();
    if (next) await this.#inner.saveCredentials(next);
  }
}

/**
 * An error the admin API answers with a status of ours, on every route: `/flow` and `/flow/:id` would set 400 themselves.
 */
export function answerWith(status: number, code: string, message: string): Error {
  const error = Object.assign(new Error(message), { code });
  error.stack = `${code}: ${message}`; // the runtime logs it, and the way here tells nobody anything
  return Object.defineProperty(error, "status", {
    enumerable: true,
    get: () => status,
    set: () => undefined,
  });
}

const unlawful = (message: string): Error => answerWith(422, "flow-unlawful", message);
