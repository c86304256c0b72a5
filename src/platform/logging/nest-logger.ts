import type { LoggerService } from '@nestjs/common';
import type { Log } from './log.js';

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** Nest's own account of how it puts the application together: of interest only while looking for a fault. */
const CHATTER = new Set([
  'NestFactory',
  'NestApplication',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
]);

/** Lets Nest's `Logger`, and with it all of the service, write to the one log. */
export class NestLogger implements LoggerService {
  constructor(private readonly log_: Log) {}

  log(first: unknown, ...rest: unknown[]): void {
    this.#write('info', first, rest);
  }

  error(first: unknown, ...rest: unknown[]): void {
    this.#write('error', first, rest);
  }

  warn(first: unknown, ...rest: unknown[]): void {
    this.#write('warn', first, rest);
  }

  debug(first: unknown, ...rest: unknown[]): void {
    this.#write('debug', first, rest);
  }

  verbose(first: unknown, ...rest: unknown[]): void {
    this.#write('trace', first, rest);
  }

  fatal(first: unknown, ...rest: unknown[]): void {
    this.#write('fatal', first, rest);
  }

  #write(level: Level, first: unknown, rest: readonly unknown[]): void {
    const { fields, message, context } = parse(first, rest);
    const quieter = level === 'info' && context !== undefined && CHATTER.has(context) ? 'debug' : level;
    this.log_[quieter]({ ...fields, ...(context === undefined ? {} : { context }) }, message);
  }
}

interface Entry {
  fields: Record<string, unknown>;
  message: string;
  context?: string;
}

/**
 * Nest's `Logger` appends its context to whatever it is given: `('text')`, `({ fields }, 'text')`, `('text', stack)` or
 * `(error)`.
 */
function parse(first: unknown, rest: readonly unknown[]): Entry {
  const given = rest.filter((item) => item !== undefined);
  const isText = typeof first === 'string';
  const last = given.at(-1);
  const hasContext = typeof last === 'string' && (isText || given.length > 1 || first instanceof Error);
  const middle = hasContext ? given.slice(0, -1) : given;
  const text = isText ? first : middle.find((item) => typeof item === 'string');
  const others = middle.filter((item) => item !== text);
  const fields = {
    ...fieldsOf(first),
    ...(others.length === 0 ? {} : { details: others.length === 1 ? others[0] : others }),
  };
  const message = text ?? (first instanceof Error ? first.message : 'See the fields');
  return { fields, message, ...(hasContext ? { context: last } : {}) };
}

function fieldsOf(first: unknown): Record<string, unknown> {
  if (typeof first === 'string') return {};
  if (first instanceof Error) return { error: first };
  return typeof first === 'object' && first !== null ? { ...first } : { value: first };
}
