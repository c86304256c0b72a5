import type { Secret } from '../platform/config/secret.js';
import type { TenantId } from '../platform/database/tenant-id.js';

/** A tenant's credential for one voice platform. It may use the agent tools, and nothing else. */
export interface AgentConnection {
  readonly tenant: TenantId;
  readonly id: string;
  /** The name of a `VoicePlatform`. */
  readonly platform: string;
  readonly name: string;
  /** What it may offer and touch; empty is everything of the tenant. */
  readonly serviceIds: readonly string[];
  readonly resourceIds: readonly string[];
  /** Which language its callers are spoken to in; null is the tenant's. */
  readonly locale: string | null;
  readonly createdAt: Date;
  readonly rotatedAt: Date | null;
  /** Until when the secret before the last rotation works too. */
  readonly previousSecretUntil: Date | null;
  readonly lastUsedAt: Date | null;
}

/** What authenticates the platform. */
export interface ConnectionSecrets {
  /** The present one and, for a while after a rotation, the one before it. */
  readonly secrets: readonly Secret[];
  /** With which the platform signs its webhooks, where that is another one than signs or stands in tool calls. */
  readonly webhookSecret: Secret | null;
}

/** What of a connection its owner chooses. */
export type ConnectionWish = Pick<
  AgentConnection,
  'platform' | 'name' | 'serviceIds' | 'resourceIds' | 'locale'
>;
