/** One Ctrl-C may arrive twice: from the terminal, and passed on by npm. A second within this time is the same one. */
const SAME_SIGNAL_MS = 500;

/** Calls `first` on the first Ctrl-C (or SIGTERM, or the terminal's closing), `second` on each that follows it. */
export function onStopSignals(first: () => void, second: () => void): void {
  let firstAt: number | undefined;
  const signalled = () => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      first();
    } else if (performance.now() - firstAt > SAME_SIGNAL_MS) {
      second();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, signalled);
}
