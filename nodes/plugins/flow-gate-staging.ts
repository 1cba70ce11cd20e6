import { LimenError } from "../../core/errors.ts";
import { refusals } from "../../core/policy/finding.ts";
import type { NodeSecrets } from "../host/flow-secrets.ts";
import type { CodeChange } from "../lib/change-desk.ts";
import { flowHash } from "../lib/flow-hash.ts";
import type { EditorUser } from "./flow-gate.ts";
import { judge } from "./flow-gate-judge.ts";

/** A deploy that waits. In memory only: it may hold secrets, and a restart is reason enough to look at it again. */
export interface Held {
  flow: readonly object[];
  /** Hash of the flow it was made for. */
  before: string;
  after: string;
  previous: readonly object[];
  /** Of the nodes whose credentials it changes. */
  secrets: NodeSecrets;
  by: string;
}

/** How a held flow gets into the runtime: Node-RED's own call. @throws what the runtime refuses with */
export type DeployFlows = (flow: readonly object[], user: EditorUser) => Promise<unknown>;

/** The deploys that wait for a second person, and the one being carried out. */
export class Staging {
  readonly #held = new Map<number, Held>();
  readonly #runs = new Map<number, Promise<void>>();
  readonly #deploy: (held: Held, user: EditorUser) => Promise<unknown>;
  readonly #failed: (id: number, error: unknown) => Promise<void>;
  /** Who the present deploy is made as: by this very object the gate knows it, and nobody else has it. */
  #pass: { user: EditorUser; id: number; held: Held } | undefined;

  /** @param failed is told when an agreed deploy could not be carried out */
  constructor(
    deploy: (held: Held, user: EditorUser) => Promise<unknown>,
    failed: (id: number, error: unknown) => Promise<void>,
  ) {
    this.#deploy = deploy;
    this.#failed = failed;
  }

  hold(id: number, held: Held): void {
    this.#held.set(id, held);
  }

  holds(id: number): boolean {
    return this.#held.has(id);
  }

  drop(id: number): void {
    this.#held.delete(id);
  }

  /** Something else was deployed: what waited was made for another flow. */
  dropAll(): void {
    this.#held.clear();
  }

  /** The agreed deploy that comes by with this user and flow, if it is one. */
  passing(user: EditorUser | undefined, flow: readonly object[]): { id: number; held: Held } | undefined {
    const pass = this.#pass;
    return pass && pass.user === user && flowHash(flow) === pass.held.after ? pass : undefined;
  }

  /**
   * That it could be deployed now.
   * @throws LimenError `change-gone`, `change-stale` when another flow runs by now, `flow-unlawful` by today's rules
   */
  require(id: number, running: readonly object[]): Held {
    const held = this.#held.get(id);
    if (!held) throw new LimenError("change-gone", { field: "/id", status: 410 });
    if (flowHash(running) !== held.before)
      throw new LimenError("change-stale", { field: "/id", status: 409 });
    if (refusals(judge(held.flow)).length > 0) throw new LimenError("flow-unlawful", { status: 422 });
    return held;
  }

  /** Deploys it, once, however often it is asked. @throws as `require`, and what the runtime refuses with */
  carryOut(id: number, running: readonly object[]): Promise<void> {
    let run = this.#runs.get(id);
    if (!run) {
      run = this.#carryOut(id, running);
      this.#runs.set(id, run);
    }
    return run;
  }

  async #carryOut(id: number, running: readonly object[]): Promise<void> {
    const held = this.require(id, running);
    const user = { username: held.by };
    this.#pass = { user, id, held };
    try {
      await this.#deploy(held, user);
    } catch (error) {
      await this.#failed(id, error);
      throw error;
    } finally {
      this.#pass = undefined;
      this.#held.delete(id);
    }
  }

  code(id: number): CodeChange[] {
    const held = this.#held.get(id);
    return held ? codeChanges(held.previous, held.flow) : [];
  }
}

const codeFields = ["func", "initialize", "finalize", "template", "format"];
const mostCode = 20_000;

interface Coded {
  id?: string;
  name?: string;
  type?: string;
  [field: string]: unknown;
}

/** Functions and templates that are new or others than before: what they do can only be read in their code. */
function codeChanges(before: readonly object[], after: readonly object[]): CodeChange[] {
  const old = new Map((before as Coded[]).map((node) => [node.id, node]));
  const text = (value: unknown): string => (typeof value === "string" ? value.slice(0, mostCode) : "");
  return (after as Coded[]).flatMap((node) =>
    codeFields.flatMap((field) => {
      const [was, is] = [text(old.get(node.id)?.[field]), text(node[field])];
      const label = node.name || node.type || "";
      return was === is ? [] : [{ id: String(node.id), label, field, before: was, after: is }];
    }),
  );
}
