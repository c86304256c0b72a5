// `npm start`: everything the service needs, on one machine, with nothing configured.
import { onStopSignals } from './stop-signals.js';
import { Interrupted, RunningParts } from './running-parts.js';

const OLDEST_NODE = 24;
const parts = new RunningParts();

onStopSignals(
  () => {
    console.log('\nStopping … (Ctrl-C again stops at once)');
    parts.interrupt();
  },
  // What still runs is told by the handlers of "exit".
  () => process.exit(130),
);

let exitCode = 0;
try {
  assertNodeVersion();
  const { startLocalService } = await import('./local-service.js');
  const banner = await startLocalService(parts);
  if (!parts.interrupted) console.log(banner);
  await parts.untilInterrupted();
} catch (error) {
  if (!(error instanceof Interrupted)) {
    exitCode = 1;
    report(error);
  }
}
await parts.stop();
if (exitCode === 0) console.log('Stopped.');
process.exit(exitCode);

/** The scripts of package.json run on the Node that npm installed with the other packages, unless that was prevented. */
function assertNodeVersion(): void {
  if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) return;
  throw new Error(
    `This runs on Node.js ${OLDEST_NODE} or newer, not on ${process.versions.node}. "npm ci" brings one along, unless its ` +
      'install scripts are switched off (ignore-scripts).',
  );
}

/** One sentence; where it came from only for who asked for more. */
function report(error: unknown): void {
  const wantsMore = ['debug', 'trace'].includes(process.env['LOG_LEVEL'] ?? '');
  console.error(wantsMore || !(error instanceof Error) ? error : error.message);
}
