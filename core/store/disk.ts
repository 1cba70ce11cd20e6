import { readFileSync, realpathSync, statfsSync } from "node:fs";
import { LimenError } from "../errors.ts";

/** `in-place`: a write lands where the old bytes were. Only then does overwriting a key destroy it. */
export type DiskKind = "in-place" | "copy-on-write" | "network" | "overlay" | "volatile" | "unknown";

/** `f_type` of statfs(2): include/uapi/linux/magic.h and the file systems' own headers. */
const linuxDisks: Readonly<Record<number, [kind: DiskKind, name: string]>> = {
  61267: ["in-place", "ext2/3/4"],
  1481003842: ["in-place", "xfs"],
  827541066: ["in-place", "jfs"],
  2435016766: ["copy-on-write", "btrfs"],
  801189825: ["copy-on-write", "zfs"],
  3393526350: ["copy-on-write", "bcachefs"],
  13364: ["copy-on-write", "nilfs2"],
  4076150800: ["copy-on-write", "f2fs"], // log-structured, like the next two
  604313861: ["copy-on-write", "ubifs"],
  29366: ["copy-on-write", "jffs2"],
  2035054128: ["overlay", "overlayfs"],
  1635083891: ["overlay", "aufs"],
  26985: ["network", "nfs"],
  4283649346: ["network", "cifs"],
  4266872130: ["network", "smb2"],
  20859: ["network", "smb"],
  16914839: ["network", "9p"],
  12805120: ["network", "ceph"],
  1702057286: ["network", "fuse"],
  1397113167: ["network", "afs"],
  18225520: ["network", "gfs2"],
  16914836: ["volatile", "tmpfs"],
  2240043254: ["volatile", "ramfs"],
};

export interface Disk {
  kind: DiskKind;
  name: string;
}

/** What a statfs type says about a disk. Elsewhere than on Linux the numbers mean other things, so it is `unknown`. */
export function diskOf(type: number, platform: NodeJS.Platform = process.platform): Disk {
  const [kind, name] = (platform === "linux" && linuxDisks[type >>> 0]) || ["unknown", platform];
  return { kind, name };
}

/**
 * What the folder lies on. An ext4 disk mounted with `data=journal` writes everything twice, and the copy in the journal
 * is not overwritten with the key.
 */
export function diskAt(folder: string): Disk {
  const disk = diskOf(statfsSync(folder).type);
  if (disk.kind !== "in-place" || process.platform !== "linux") return disk;
  const journaled = journalsData(readFileSync("/proc/self/mountinfo", "utf8"), realpathSync(folder));
  return journaled ? { kind: "copy-on-write", name: `${disk.name} data=journal` } : disk;
}

/** Reads proc(5) mountinfo: is the file system that holds this path mounted with `data=journal`? */
export function journalsData(mountinfo: string, path: string): boolean {
  const mounts = mountinfo.split("\n").map((line) => line.split(" "));
  const holds = (point: string) => path === point || path.startsWith(point === "/" ? "/" : `${point}/`);
  const found = mounts
    .map((fields) => ({ point: unescaped(fields[4] ?? ""), options: fields.at(-1) ?? "" }))
    .filter(({ point }) => point !== "" && holds(point))
    .sort((a, b) => a.point.length - b.point.length); // the longest, and of those the last mounted, is the one seen
  return found.at(-1)?.options.split(",").includes("data=journal") ?? false;
}

const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/**
 * May keys be kept in this folder? A file system that copies on write, or one at the other end of a cable, keeps the
 * overwritten key somewhere, and then no erasure can be promised.
 * An overlay (a container's own layer) writes new files in place, but on a disk that cannot be seen from inside: a
 * warning, so that a demonstration runs and a site is told.
 * @returns codes of warnings to show for as long as the site runs; empty on a disk that overwrites in place
 * @throws LimenError `disk-unsafe` unless `allowUnsafeDisk`
 */
export function checkDisk(folder: string, { allowUnsafeDisk = false, disk = diskAt(folder) } = {}): string[] {
  switch (disk.kind) {
    case "in-place":
      return [];
    case "overlay":
    case "volatile":
    case "unknown":
      return [`disk-${disk.kind}`];
    case "copy-on-write":
    case "network":
      if (allowUnsafeDisk) return ["disk-unsafe"];
      throw new LimenError("disk-unsafe", { status: 503, params: { disk: disk.name } });
  }
}
