import { LimenError } from "../../errors.ts";
import { pictureLimits } from "../picture.ts";
import { boundaryOf, MultipartParser } from "./multipart.ts";
import { authorization, type Challenge, readChallenge, type SignIn } from "./sign-in.ts";
import { type Receive, sleep } from "./source.ts";

export interface HttpCamera {
  url: string;
  signIn?: SignIn;
  fetch?: typeof globalThis.fetch;
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

/** Asks as the camera wants to be asked: Basic or Digest, once it has said so. */
function asker({ url, signIn, fetch = globalThis.fetch }: HttpCamera) {
  const target = checkedUrl(url);
  let challenge: Challenge | undefined;
  let count = 0;
  const once = (signal: AbortSignal): Promise<Response> => {
    const request = { method: "GET", path: `${target.pathname}${target.search}` };
    const headers =
      challenge && signIn ? { authorization: authorization(challenge, signIn, request, ++count) } : {};
    return fetch(target, { signal, headers, redirect: "error", cache: "no-store" });
  };
  return async (signal: AbortSignal): Promise<Response & { body: ReadableStream<Uint8Array> }> => {
    let answer = await once(signal).catch((error: unknown) => {
      throw unreachable(error);
    });
    if (answer.status === 401 && signIn) {
      await answer.body?.cancel();
      challenge = readChallenge(answer.headers.get("www-authenticate"));
      count = 0;
      if (challenge) answer = await once(signal);
    }
    if (!answer.ok || !answer.body) {
      await answer.body?.cancel();
      throw new LimenError("camera-refused", { status: 502, params: { status: answer.status } });
    }
    return answer as Response & { body: ReadableStream<Uint8Array> };
  };
}

/** A camera that answers each request with one JPEG or PNG. */
export function httpJpeg(camera: HttpCamera): Receive {
  const ask = asker(camera);
  return async (offer, signal) => {
    while (!signal.aborted) {
      const pause = sleep(camera.everyMs ?? 100, signal);
      const answer = await ask(signal);
      const parts: Uint8Array[] = [];
      let length = 0;
      for await (const part of answer.body) {
        length += part.length;
        if (length > pictureLimits.bytes) throw new LimenError("camera-stream-bad", { status: 502 });
        parts.push(part);
      }
      const picture = Buffer.concat(parts);
      for (const part of parts) part.fill(0);
      offer(picture);
      await pause;
    }
  };
}

/** A camera that answers one request with JPEG after JPEG (`multipart/x-mixed-replace`). */
export function httpMjpeg(camera: HttpCamera): Receive {
  const ask = asker(camera);
  return async (offer, signal) => {
    const answer = await ask(signal);
    const parser = new MultipartParser(boundaryOf(answer.headers.get("content-type")), offer);
    for await (const chunk of answer.body) parser.push(chunk);
  };
}
