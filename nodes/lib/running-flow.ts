/** The flow whose nodes are running now: what papers are made from. */
let running: readonly object[] | undefined;

export const setRunningFlow = (flow: readonly object[]): void => {
  running = flow;
};

/** @returns undefined until the first flow has started */
export const runningFlow = (): readonly object[] | undefined => running;
