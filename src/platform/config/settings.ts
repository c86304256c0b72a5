import type { Secret } from './secret.js';

/** A key that encrypts tokens at rest; `id` travels with every ciphertext made with it. */
export interface EncryptionKey {
  readonly id: string;
  /** 32 bytes, base64. */
  readonly key: Secret;
}

export interface GoogleSettings {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly redirectUri: string;
  /** Public https base for push notifications; without it calendars are asked when needed. */
  readonly webhookUrl: string | null;
  /** An origin that stands in for all of Google, or null for Google itself. */
  readonly endpoint: string | null;
}

/** How a dashboard's own JWTs are verified; null when the dashboard uses API keys only. */
export interface DashboardJwtSettings {
  readonly secret: Secret | null;
  readonly jwksUrl: string | null;
  readonly issuer: string;
  readonly audience: string;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Everything that can be configured, validated once at start and frozen. An abstract class so that it can be injected by
 * its name.
 */
export abstract class Settings {
  abstract readonly port: number;
  abstract readonly host: string;
  /** Origin under which dashboards, platforms and Google reach this service; no trailing slash. */
  abstract readonly publicUrl: string;
  abstract readonly dataDir: string;
  abstract readonly databaseUrl: Secret;
  /** For migrations and the job queue; the same as `databaseUrl` unless that is a pooler. */
  abstract readonly directDatabaseUrl: Secret;
  abstract readonly adminApiKey: Secret;
  /** The first encrypts, all decrypt. Never empty. */
  abstract readonly tokenEncryptionKeys: readonly EncryptionKey[];
  abstract readonly google: GoogleSettings;
  /** Origins allowed as an OAuth return address and for CORS. */
  abstract readonly dashboardOrigins: readonly string[];
  abstract readonly dashboardJwt: DashboardJwtSettings | null;
  abstract readonly logLevel: LogLevel;
  /** Requests a minute that one credential may make of one instance, or one address without a credential; 0 is no limit. */
  abstract readonly rateLimitPerMinute: number;
  /** From how long a round of the event loop on, on average, requests are refused; milliseconds, 0 is never. */
  abstract readonly maxEventLoopDelayMs: number;
  /** How many proxies in front of the service may say, in `X-Forwarded-For`, where a request comes from. */
  abstract readonly trustedProxies: number;
  /** The longest a caller waits for Google while booking or asking for times, in milliseconds. */
  abstract readonly calendarBudgetMs: number;
  /** The longest one attempt to write to a calendar may take, in milliseconds. */
  abstract readonly calendarAttemptMs: number;
  /** How long after a failed attempt the next one follows at first; doubles up to five minutes. In milliseconds. */
  abstract readonly calendarRetryMs: number;
  /** The longest time between two looks at a calendar of whose changes Google does not tell, in milliseconds. */
  abstract readonly calendarPollMs: number;
  /** How long requests are still taken after SIGTERM, while `/health/ready` already says no, in milliseconds. */
  abstract readonly shutdownDelayMs: number;
  /** How long the service waits at its start for a database that is not there yet, in milliseconds. */
  abstract readonly databaseWaitMs: number;
  /** How often each instance looks for waiting jobs, in milliseconds. */
  abstract readonly jobPollIntervalMs: number;
}
