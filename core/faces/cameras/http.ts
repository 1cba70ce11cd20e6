import { type IncomingMessage, request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import { LimenError } from "../../errors.ts";
import { pictureLimits } from "../picture.ts";
import { boundaryOf, MultipartParser } from "./multipart.ts";
import { authorization, type Challenge, readChallenge, type SignIn } from "./sign-in.ts";
import { type Receive, sleep } from "./source.ts";

export interface HttpCamera {
  url: string;
  signIn?: SignIn;
  /** Least time between two snapshots, ms. */
  everyMs?: number;
}

const unreachable = (cause: unknown) => new LimenError("camera-unreachable", { status: 502, cause });

/** @throws LimenError `camera-url-bad`: not http(s), or with a password in it */
export function checkedUrl(url: string): URL {
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username !== "" || parsed.password !== "") {
    throw new LimenError("camera-url-bad");
  }
  return parsed;
}

/**
 * One GET. Not `fetch`: that keeps copies of every piece that nobody can overwrite, and these are pictures of people. What is
 * answered is the camera's own: no redirect is followed.
 * @throws LimenError `camera-unreachable`
 */
const get = (target: URL, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const ask = target.protocol === "https:" ? overHttps : overHttp;
    const asked = ask(target, { headers: { accept: "image/*,multipart/*", ...headers }, signal }, resolve);
    asked.on("error", (error) => reject(unreachable(error)));
    // What came over the wire is overwritten once the parser, which listens first, has copied the body out of it.
    const wipe = (read: Buffer) => read.fill(0);
    asked.once("socket", (socket) => {
      socket.on("data", wipe);
      asked.once("close", () => socket.off("data", wipe)); // it may serve the next request
    });
    asked.end();
  });

/**
 * The body, piece by piece; each is overwritten when `take` returns.
 * @throws LimenError what `take` throws; `camera-unreachable` when it breaks off
 */
const eachPiece = (body: IncomingMessage, take: (piece: Buffer) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    body.on("data", (piece: Buffer) => {
      try {
        take(piece);
      } catch (error) {
        reject(error);
        body.destroy();
      } finally {
        piece.fill(0);
      }
    });
    body.once("end", resolve);
    body.once("error", (error) => reject(unreachable(error)));
    body.once("close", () => reject(unreachable(undefined)));
  });

/** Asks as the camera wants to be asked: Basic or Digest, once it has said so. */
function asker({ url, signIn }: HttpCamera) {
  const target = checkedUrl(url);
  let challenge: Challenge | undefined;
  let count = 0;
  const once = (signal: AbortSignal): Promise<IncomingMessage> => {
    const request = { method: "GET", path: `${target.pathname}${target.search}` };
    const headers: Record<string, string> =
      challenge && signIn ? { authorization: authorization(challenge, signIn, request, ++count) } : {};
    return get(target, headers, signal);
  };
  return async (signal: AbortSignal): Promise<IncomingMessage> => {
    let answer = await once(signal);
    if (answer.statusCode === 401 && signIn) {
      answer.destroy();
      challenge = readChallenge(answer.headers["www-authenticate"] ?? null);
      count = 0;
      if (challenge) answer = await once(signal);
    }
    const { statusCode: status = 0 } = answer;
    if (status >= 200 && status < 300) return answer;
    answer.destroy();
    throw new LimenError("camera-refused", { status: 502, params: { status } });
  };
}

/** A camera that answers each request with one JPEG or PNG. */
export function httpJpeg(camera: HttpCamera): Receive {
  const ask = asker(camera);
  return async (offer, signal) => {
    while (!signal.aborted) {
      const pause = sleep(camera.everyMs ?? 100, signal);
      const parts: Buffer[] = [];
      let length = 0;
      try {
        await eachPiece(await ask(signal), (piece) => {
          length += piece.length;
          if (length > pictureLimits.bytes) throw new LimenError("camera-stream-bad", { status: 502 });
          parts.push(Buffer.from(piece));
        });
        offer(Buffer.concat(parts));
      } finally {
        for (const part of parts) part.fill(0);
      }
      await pause;
    }
  };
}

/** A camera that answers one request with JPEG after JPEG (`multipart/x-mixed-replace`). */
export function httpMjpeg(camera: HttpCamera): Receive {
  const ask = asker(camera);
  return async (offer, signal) => {
    const answer = await ask(signal);
    let parser: MultipartParser | undefined;
    try {
      const made = new MultipartParser(boundaryOf(answer.headers["content-type"] ?? null), offer);
      parser = made;
      await eachPiece(answer, (piece) => made.push(piece));
    } finally {
      parser?.close();
      answer.destroy();
    }
  };
}
