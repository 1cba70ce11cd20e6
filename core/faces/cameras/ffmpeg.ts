import { type ChildProcessByStdio, spawn as spawnProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { LimenError } from "../../errors.ts";
import { MultipartParser } from "./multipart.ts";
import type { SignIn } from "./sign-in.ts";
import type { Receive } from "./source.ts";

type Ffmpeg = ChildProcessByStdio<Writable, Readable, null>;
export type Spawn = (command: string, args: readonly string[]) => Ffmpeg;

export interface FfmpegInput {
  /** Arguments up to and including `-i`'s value; nothing secret. */
  args: readonly string[];
  /** What ffmpeg reads on its standard input: an address with its password, where no list of processes shows it. */
  stdin: string;
}

const systemSpawn: Spawn = (command, args) =>
  spawnProcess(command, args, { stdio: ["pipe", "pipe", "ignore"], windowsHide: true });

/**
 * An RTSP camera, over TCP. The address goes in as a one-line playlist on standard input, because arguments are
 * readable by every user of the machine.
 * @throws LimenError `camera-url-bad`
 */
export function rtspInput(url: string, signIn?: SignIn): FfmpegInput {
  const target = URL.parse(url);
  if (
    !target ||
    !/^rtsps?:$/.test(target.protocol) ||
    target.username ||
    target.password ||
    /['\s\\]/.test(url)
  ) {
    throw new LimenError("camera-url-bad");
  }
  const escaped = (text: string) => encodeURIComponent(text).replaceAll("'", "%27");
  const secret = signIn ? `${escaped(signIn.user)}:${escaped(signIn.password)}@` : "";
  const address = url.replace(/^(rtsps?:\/\/)/i, (scheme) => scheme.toLowerCase() + secret);
  return {
    args: [
      ...[
        "-f",
        "concat",
        "-safe",
        "0",
        "-protocol_whitelist",
        "pipe,file,rtsp,rtsps,rtp,srtp,tcp,tls,udp,crypto",
      ],
      ...["-i", "pipe:0"],
    ],
    stdin: `ffconcat version 1.0\nfile '${address}'\noption rtsp_transport tcp\noption timeout 5000000\n`,
  };
}

/** A camera of this machine. @throws LimenError `camera-url-bad`: only `/dev/video0` and the like */
export function v4l2Input(device: string): FfmpegInput {
  if (!/^\/dev\/video\d{1,3}$/.test(device)) throw new LimenError("camera-url-bad");
  return { args: ["-f", "v4l2", "-framerate", "15", "-video_size", "1280x720", "-i", device], stdin: "" };
}

const common = ["-hide_banner", "-loglevel", "quiet", "-fflags", "nobuffer", "-flags", "low_delay"];
/** Ten frames a second, at most 1920 wide, as a multipart stream of JPEGs. */
const output = [
  ...["-an", "-sn", "-dn", "-vf", "fps=10,scale='min(1920,iw)':-2", "-q:v", "3"],
  ...["-f", "mpjpeg", "-boundary_tag", "frame", "pipe:1"],
];

/**
 * Pictures through the system's ffmpeg, which runs until it ends by itself or is no longer wanted; then it is killed,
 * not asked.
 */
export const throughFfmpeg =
  (input: FfmpegInput, spawn: Spawn = systemSpawn, command = "ffmpeg"): Receive =>
  (offer, signal) =>
    new Promise<void>((resolve, reject) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const child = spawn(command, [...common, ...input.args, ...output]);
      const parser = new MultipartParser("frame", offer);
      const kill = () => child.kill("SIGKILL");
      const finish = (error?: Error) => {
        signal.removeEventListener("abort", kill);
        parser.close();
        if (error) reject(error);
        else resolve();
      };
      signal.addEventListener("abort", kill);
      child.stdout.on("data", (chunk: Buffer) => {
        try {
          parser.push(chunk);
        } catch {
          kill();
        } finally {
          chunk.fill(0);
        }
      });
      child.stdin.on("error", () => undefined); // it may be gone already; its end says so
      child.stdin.end(input.stdin);
      child.once("error", (cause: NodeJS.ErrnoException) =>
        finish(
          new LimenError(cause.code === "ENOENT" ? "ffmpeg-missing" : "camera-unreachable", {
            status: 502,
            cause,
          }),
        ),
      );
      child.once("close", (code) => {
        finish(
          signal.aborted || code === 0 ? undefined : new LimenError("camera-unreachable", { status: 502 }),
        );
      });
    });
