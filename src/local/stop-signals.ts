/** One Ctrl-C may arrive twice: from the terminal, and passed on by npm. A second within this time is the same one. */
const SAME_SIGNAL_MS = 500;
const PARENT_CHECK_MS = 100;

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
  if (process.env['npm_lifecycle_event'] !== undefined) onParentEnd(signalled);
}

/** An npm that was killed outright passes nothing on: that the parent is gone is then all that this process hears of it. */
function onParentEnd(ended: () => void): void {
  const parent = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(check);
    ended();
  }, PARENT_CHECK_MS);
  check.unref();
}
