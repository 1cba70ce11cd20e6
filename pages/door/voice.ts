import type { Language } from "../shared/words.ts";

/** Languages a voice may have to speak one of ours; Mandarin is understood on both sides. */
const spokenIn: Record<Language, RegExp[]> = {
  "zh-CN": [/^(zh|cmn)[-_](Hans[-_])?CN/i, /^(zh|cmn)/i],
  "zh-TW": [/^(zh|cmn)[-_](Hant[-_])?TW/i, /^(zh|cmn)/i],
  "en-US": [/^en[-_]US/i, /^en/i],
};

let on = true;
let audio: AudioContext | undefined;

export function useVoice(use: boolean): void {
  on = use;
  if (!use) globalThis.speechSynthesis?.cancel();
}

/**
 * A voice of this device itself. A browser's other voices send the words to a server of their maker: never those (RD-41).
 */
export function voiceFor(language: Language): SpeechSynthesisVoice | undefined {
  const own = (globalThis.speechSynthesis?.getVoices() ?? []).filter(({ localService }) => localService);
  for (const fits of spokenIn[language]) {
    const found = own.find(({ lang }) => fits.test(lang));
    if (found) return found;
  }
  return undefined;
}

/** Says a sentence, where this device has a voice for it. @returns whether it does */
export function speak(text: string, language: Language): boolean {
  const voice = on ? voiceFor(language) : undefined;
  if (!voice || text === "") return false;
  speechSynthesis.cancel(); // what is over is not worth hearing to its end
  const said = new SpeechSynthesisUtterance(text);
  said.voice = voice;
  said.lang = voice.lang;
  said.rate = 0.95;
  speechSynthesis.speak(said);
  return true;
}

/** Two notes that rise, or one low one twice: told apart without a word, by every device there is. */
export function chime(outcome: "granted" | "denied"): void {
  if (!on) return;
  try {
    audio ??= new AudioContext();
    const notes = outcome === "granted" ? [660, 880] : [220, 220];
    for (const [at, hertz] of notes.entries()) note(audio, hertz, audio.currentTime + at * 0.18);
  } catch {} // no sound device: the words are on the screen
}

function note(context: AudioContext, hertz: number, at: number): void {
  const tone = new OscillatorNode(context, { frequency: hertz });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setTargetAtTime(0.2, at, 0.01);
  volume.gain.setTargetAtTime(0, at + 0.12, 0.03);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.3);
}
