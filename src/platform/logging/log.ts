import pino from 'pino';
import type { Settings } from '../config/settings.js';
import { redact, sieve } from './redaction.js';
import { requestContext } from './request-context.js';
import { secretValues } from './secret-values.js';

export type Log = pino.Logger;

/** One JSON object a line on standard output, or to `destination`; each says which request, tenant or job it belongs to. */
export function createLog(settings: Settings, destination?: pino.DestinationStream): Log {
  const options: pino.LoggerOptions = {
    level: settings.logLevel,
    base: null,
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      log: (fields) => redact(fields) as Record<string, unknown>,
    },
    mixin: () => ({ ...requestContext.get() }),
    hooks: { streamWrite: sieve(secretValues(settings)) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
