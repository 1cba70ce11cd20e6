declare module "node-red-node-test-helper" {
  import type { Node } from "node-red";

  interface Asked extends Promise<{ body: Record<string, unknown>; text: string }> {
    expect(status: number): Asked;
  }

  /** The part of the helper these tests use; the package ships no types. */
  const helper: {
    init(runtime: string): void;
    startServer(): Promise<void>;
    stopServer(): Promise<void>;
    load(modules: unknown, flow: unknown, credentials?: unknown): Promise<void>;
    unload(): Promise<void>;
    getNode(id: string): Node | null;
    /** Speaks to the admin API. */
    request(): { get(path: string): Asked; post(path: string): Asked };
  };
  export default helper;
}
