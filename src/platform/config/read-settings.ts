import { Secret } from './secret.js';
import { LOG_LEVELS, type DashboardJwtSettings, type EncryptionKey, type Settings } from './settings.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface SettingProblem {
  readonly name: string;
  readonly problem: string;
}

/** Names of settings and what is wrong with each. Never holds a value. */
export class SettingsError extends Error {
  constructor(readonly problems: readonly SettingProblem[]) {
    super(['Settings are missing or wrong:', ...problems.map((p) => `  ${p.name}: ${p.problem}`)].join('\n'));
    this.name = 'SettingsError';
  }
}

/**
 * Reads and validates the environment into frozen settings.
 * @throws SettingsError naming every setting that is missing or wrong, all at once.
 */
export function readSettings(environment: Environment): Settings {
  const read = new SettingsReader(environment);
  const publicUrl = read.origin('PUBLIC_URL') ?? '';
  const databaseUrl = read.databaseUrl('DATABASE_URL');
  const settings: Settings = {
    port: read.integer('PORT', 5000, 0, 65_535),
    host: read.optional('HOST') ?? '0.0.0.0',
    publicUrl,
    dataDir: read.optional('DATA_DIR') ?? '.data',
    databaseUrl,
    directDatabaseUrl:
      read.optional('DIRECT_DATABASE_URL') === undefined
        ? databaseUrl
        : read.databaseUrl('DIRECT_DATABASE_URL'),
    adminApiKey: read.secret(
      'ADMIN_API_KEY',
      (key) => /^[\x21-\x7e]{24,}$/.test(key),
      'must have at least 24 visible ASCII characters',
    ),
    tokenEncryptionKeys: read.encryptionKeys('TOKEN_ENCRYPTION_KEYS'),
    google: {
      clientId: read.required('GOOGLE_CLIENT_ID'),
      clientSecret: read.secret('GOOGLE_CLIENT_SECRET'),
      redirectUri: read.url('GOOGLE_REDIRECT_URI') ?? `${publicUrl}/api/tenant-calendar/callback`,
      webhookUrl: read.httpsUrl('GOOGLE_WEBHOOK_URL'),
      endpoint:
        read.optional('GOOGLE_ENDPOINT') === undefined ? null : (read.origin('GOOGLE_ENDPOINT') ?? null),
    },
    dashboardOrigins: read.origins('DASHBOARD_URL'),
    dashboardJwt: read.dashboardJwt(),
    logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    rateLimitPerMinute: read.integer('RATE_LIMIT_PER_MINUTE', 6000, 0, 1_000_000),
    maxEventLoopDelayMs: read.integer('MAX_EVENT_LOOP_DELAY_MS', 1000, 0, 60_000),
    trustedProxies: read.integer('TRUSTED_PROXIES', 0, 0, 10),
    calendarBudgetMs: read.integer('CALENDAR_BUDGET_MS', 2000, 100, 10_000),
    calendarAttemptMs: read.integer('CALENDAR_ATTEMPT_MS', 15_000, 500, 60_000),
    calendarRetryMs: read.integer('CALENDAR_RETRY_MS', 5000, 100, 300_000),
    calendarPollMs: read.integer('CALENDAR_POLL_MS', 300_000, 1000, 3_600_000),
    shutdownDelayMs: read.integer('SHUTDOWN_DELAY_MS', 8000, 0, 300_000),
    databaseWaitMs: read.integer('DATABASE_WAIT_MS', 60_000, 0, 3_600_000),
    jobPollIntervalMs: read.integer('JOB_POLL_INTERVAL_MS', 2000, 500, 60_000),
  };
  if (read.problems.length > 0) throw new SettingsError(read.problems);
  return deepFreeze(settings);
}

class SettingsReader {
  readonly problems: { name: string; problem: string }[] = [];

  constructor(private readonly environment: Environment) {}

  /** An empty value counts as absent, as in a `.env` file with nothing behind the equals sign. */
  optional(name: string): string | undefined {
    return this.environment[name]?.trim() || undefined;
  }

  required(name: string): string {
    const value = this.optional(name);
    if (value === undefined) this.problem(name, 'is missing');
    return value ?? '';
  }

  secret(name: string, isValid: (value: string) => boolean = () => true, problem = 'is wrong'): Secret {
    const value = this.required(name);
    if (value !== '' && !isValid(value)) this.problem(name, problem);
    return new Secret(value);
  }

  databaseUrl(name: string): Secret {
    const value = this.required(name);
    if (value !== '') {
      const problem = databaseUrlProblem(value);
      if (problem !== null) this.problem(name, problem);
    }
    return new Secret(value);
  }

  integer(name: string, fallback: number, least: number, most: number): number {
    const text = this.optional(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most) {
      this.problem(name, `must be a whole number from ${least} to ${most}`);
    }
    return value;
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const text = this.optional(name);
    if (text === undefined) return fallback;
    const value = allowed.find((candidate) => candidate === text);
    if (value === undefined) this.problem(name, `must be one of ${allowed.join(', ')}`);
    return value ?? fallback;
  }

  url(name: string): string | null {
    const text = this.optional(name);
    if (text === undefined) return null;
    if (!/^https?:$/.test(URL.parse(text)?.protocol ?? ''))
      this.problem(name, 'must be an http:// or https:// address');
    return text;
  }

  httpsUrl(name: string): string | null {
    const text = this.url(name);
    // Google delivers pushes to https addresses with a valid certificate only; plain http is for the local stand-in.
    if (text !== null && !text.startsWith('https://') && !/^http:\/\/127\.0\.0\.1(:|\/|$)/.test(text)) {
      this.problem(name, 'must be an https:// address');
    }
    return text?.replace(/\/+$/, '') ?? null;
  }

  origin(name: string): string | undefined {
    const text = this.required(name);
    if (text === '') return undefined;
    const url = URL.parse(text);
    if (
      url === null ||
      !/^https?:$/.test(url.protocol) ||
      url.pathname !== '/' ||
      url.search ||
      url.hash ||
      url.username
    ) {
      this.problem(name, 'must be an origin such as https://calendar.example.com, without a path');
      return undefined;
    }
    return url.origin;
  }

  origins(name: string): string[] {
    const found: string[] = [];
    for (const text of (this.optional(name) ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean)) {
      const url = URL.parse(text);
      if (url === null || !/^https?:$/.test(url.protocol)) {
        this.problem(name, 'must be http:// or https:// origins, separated by commas');
      } else {
        found.push(url.origin);
      }
    }
    return found;
  }

  encryptionKeys(name: string): EncryptionKey[] {
    const keys: EncryptionKey[] = [];
    const value = this.required(name);
    for (const [index, entry] of value
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean)
      .entries()) {
      const [, id, key] = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=)$/.exec(entry) ?? [];
      if (id === undefined || key === undefined) {
        this.problem(name, `entry ${index + 1} must be "kid:key" with a key of 32 bytes in base64`);
      } else if (keys.some((other) => other.id === id)) {
        this.problem(name, `entry ${index + 1} repeats the key id of an earlier one`);
      } else {
        keys.push({ id, key: new Secret(key) });
      }
    }
    if (value !== '' && value.replaceAll(',', '').trim() === '') this.problem(name, 'has no key in it');
    return keys;
  }

  dashboardJwt(): DashboardJwtSettings | null {
    const secret = this.optional('DASHBOARD_JWT_SECRET');
    const jwksUrl = this.url('DASHBOARD_JWT_JWKS_URL');
    if (secret === undefined && jwksUrl === null) return null;
    if (secret !== undefined && jwksUrl !== null) {
      this.problem('DASHBOARD_JWT_JWKS_URL', 'cannot be set together with DASHBOARD_JWT_SECRET');
    }
    if (secret !== undefined && secret.length < 32) {
      this.problem('DASHBOARD_JWT_SECRET', 'must have at least 32 characters');
    }
    return {
      secret: secret === undefined ? null : new Secret(secret),
      jwksUrl,
      issuer: this.required('DASHBOARD_JWT_ISSUER'),
      audience: this.required('DASHBOARD_JWT_AUDIENCE'),
    };
  }

  private problem(name: string, problem: string): void {
    this.problems.push({ name, problem });
  }
}

/** @returns what is wrong with an address of a database, in words without its parts; null when nothing is */
function databaseUrlProblem(value: string): string | null {
  const url = URL.parse(value);
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) {
    return 'must be a postgres:// address; characters such as / ? # @ : % in its password must be written as %2F and so on';
  }
  try {
    for (const part of [url.username, url.password, url.pathname]) decodeURIComponent(part);
    return null;
  } catch {
    return 'has a "%" in its user name, password or database that must be written as %25';
  }
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner as object);
  }
  return Object.freeze(value);
}
