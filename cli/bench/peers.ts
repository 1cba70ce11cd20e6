type Print = (line: string) => void;

export function comparePeers(print: Print, _frames: readonly Buffer[], _rounds: number): Promise<void> {
  print("");
  return Promise.resolve();
}
