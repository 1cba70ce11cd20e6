import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";

/** What a program did to a disk, in order, by inode; and what it said meanwhile. */
export type DiskEvent =
  | { kind: "create"; path: string; inode: number; folder: boolean }
  | { kind: "rename"; from: string; to: string }
  | { kind: "unlink"; path: string }
  | { kind: "write"; inode: number; at: number; data: Buffer }
  | { kind: "truncate"; inode: number; size: number }
  | { kind: "sync"; inode: number }
  | { kind: "sync-folder"; path: string }
  | { kind: "said"; text: string };

const calls =
  "openat,open,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fallocate,fsync,fdatasync,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,rmdir,close,dup,dup2,dup3";

/** Can programs be traced here? Containers often forbid it. */
export const canTrace = (): boolean => spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;

/** Runs a module under strace and reads what it did below `root`. */
export function record(module: string, args: string[], root: string, trace: string): DiskEvent[] {
  const strace = ["-f", "--seccomp-bpf", "-qq", "-xx", "-s", "1000000", "-o", trace, "-e", `trace=${calls}`];
  execFileSync("strace", [...strace, process.execPath, module, ...args], {
    env: { ...process.env, UV_USE_IO_URING: "0", NODE_OPTIONS: "" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return new Reader(root).read(readFileSync(trace, "latin1"));
}

const text = (hex: string): string => Buffer.from(hex.replaceAll("\\x", ""), "hex").toString();
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll("\\x", ""), "hex");

/** Turns strace lines into events. Calls of several threads come in the order in which they ended. */
class Reader {
  readonly #root: string;
  readonly #events: DiskEvent[] = [];
  /** Open files: an inode, or a folder's path; and where the next plain write goes. */
  readonly #open = new Map<number, { inode?: number; folder?: string; at: number }>();
  readonly #names = new Map<string, number>();
  #nextInode = 1;

  constructor(root: string) {
    this.#root = root;
  }

  read(trace: string): DiskEvent[] {
    const unfinished = new Map<string, string>();
    for (const line of trace.split("\n")) {
      const [, pid, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
      if (pid === undefined || rest === undefined) continue;
      if (rest.endsWith("<unfinished ...>")) {
        unfinished.set(pid, rest.slice(0, -"<unfinished ...>".length));
        continue;
      }
      const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
      this.#take(resumed ? `${unfinished.get(pid) ?? ""}${resumed[1]}` : rest);
    }
    return this.#events;
  }

  #take(call: string): void {
    const [, name, args, result] = /^(\w+)\((.*)\)\s+= (-?\d+)/.exec(call) ?? [];
    if (name === undefined || args === undefined || Number(result) < 0) return;
    const strings = [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?/g)];
    if (strings.some(([, , cut]) => cut)) throw new Error(`a write too long for the trace: ${name}`);
    const numbers = args.split(",").map((arg) => Number(arg.trim()));
    switch (name) {
      case "openat":
        this.#opened(text(strings[0]![1]!), args, Number(result));
        break;
      case "close":
        this.#open.delete(numbers[0]!);
        break;
      case "write":
        this.#written(numbers[0]!, bytes(strings[0]![1]!), undefined, Number(result));
        break;
      case "pwrite64":
        this.#written(numbers[0]!, bytes(strings[0]![1]!), numbers.at(-1)!, Number(result));
        break;
      case "ftruncate": {
        const inode = this.#open.get(numbers[0]!)?.inode;
        if (inode !== undefined) this.#events.push({ kind: "truncate", inode, size: numbers[1]! });
        break;
      }
      case "fsync":
      case "fdatasync":
        this.#synced(numbers[0]!);
        break;
      case "mkdir":
        this.#made(text(strings[0]![1]!));
        break;
      case "rename":
        this.#renamed(text(strings[0]![1]!), text(strings[1]![1]!));
        break;
      case "unlink":
      case "rmdir":
        this.#unlinked(text(strings[0]![1]!));
        break;
      case "unlinkat":
        this.#unlinked(text(strings[0]![1]!));
        break;
      default:
        // Anything else on a file of ours is something this reader does not know how to replay.
        if (strings.some(([, hex]) => this.#ours(text(hex!))) || this.#open.has(numbers[0]!)) {
          throw new Error(`cannot replay ${name}`);
        }
    }
  }

  /** SQLite's shared-memory index is never read after a power cut. */
  #ours = (path: string): boolean => path.startsWith(`${this.#root}/`) && !path.endsWith("-shm");

  #opened(path: string, args: string, fd: number): void {
    if (path === this.#root) this.#open.set(fd, { folder: path, at: 0 });
    if (!this.#ours(path)) return;
    const inode = this.#names.get(path);
    if (inode === 0) this.#open.set(fd, { folder: path, at: 0 });
    else if (inode !== undefined) {
      this.#open.set(fd, { inode, at: 0 });
      if (args.includes("O_TRUNC")) this.#events.push({ kind: "truncate", inode, size: 0 });
    } else if (args.includes("O_CREAT")) {
      const made = this.#nextInode++;
      this.#names.set(path, made);
      this.#open.set(fd, { inode: made, at: 0 });
      this.#events.push({ kind: "create", path, inode: made, folder: false });
    }
  }

  #written(fd: number, data: Buffer, at: number | undefined, count: number): void {
    const file = this.#open.get(fd);
    if (!file) {
      if (fd === 1) this.#events.push({ kind: "said", text: data.toString() });
      return;
    }
    if (count !== data.length) throw new Error("a short write");
    const start = at ?? file.at;
    if (at === undefined) file.at += count;
    this.#events.push({ kind: "write", inode: file.inode!, at: start, data });
  }

  #synced(fd: number): void {
    const file = this.#open.get(fd);
    if (file?.inode !== undefined) this.#events.push({ kind: "sync", inode: file.inode });
    else if (file?.folder !== undefined) this.#events.push({ kind: "sync-folder", path: file.folder });
  }

  #made(path: string): void {
    if (!this.#ours(path)) return;
    this.#names.set(path, 0);
    this.#events.push({ kind: "create", path, inode: 0, folder: true });
  }

  #renamed(from: string, to: string): void {
    const inode = this.#names.get(from);
    if (inode === undefined) return;
    if (dirname(from) !== dirname(to)) throw new Error("cannot replay a move to another folder");
    this.#names.delete(from);
    this.#names.set(to, inode);
    this.#events.push({ kind: "rename", from, to });
  }

  #unlinked(path: string): void {
    if (this.#names.delete(path)) this.#events.push({ kind: "unlink", path });
  }
}
