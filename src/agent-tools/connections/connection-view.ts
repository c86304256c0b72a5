import type { AgentConnection } from '../../tenant/agent-connection.js';
import type { VoicePlatform } from '../platforms/voice-platform.js';
import { clock } from '../../platform/time/clock.js';

/** A connection as dashboards see it, with the addresses to paste into the platform. */
export interface ConnectionView {
  id: string;
  platform: string;
  name: string;
  /** Where the platform calls tools. */
  url: string;
  /** Further addresses, by what they are for. */
  webhooks: { event: string; url: string }[];
  /** What the secret is on this platform. */
  secretIs: string;
  serviceIds: string[];
  resourceIds: string[];
  locale: string | null;
  createdAt: string;
  rotatedAt: string | null;
  previousSecretUntil: string | null;
  lastUsedAt: string | null;
}

export function connectionView(
  connection: AgentConnection,
  platform: VoicePlatform,
  publicUrl: string,
): ConnectionView {
  const { id, name, serviceIds, resourceIds, locale, createdAt, rotatedAt, lastUsedAt } = connection;
  const { previousSecretUntil } = connection;
  const url = platform.address(publicUrl, id);
  return {
    ...{ id, platform: platform.name, name, url },
    webhooks: Object.entries(platform.webhooks).map(([event, path]) => ({ event, url: `${url}/${path}` })),
    secretIs: platform.credential.secretIs,
    ...{ serviceIds: [...serviceIds], resourceIds: [...resourceIds], locale },
    createdAt: createdAt.toISOString(),
    rotatedAt: rotatedAt?.toISOString() ?? null,
    previousSecretUntil:
      previousSecretUntil !== null && previousSecretUntil > clock.date()
        ? previousSecretUntil.toISOString()
        : null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
