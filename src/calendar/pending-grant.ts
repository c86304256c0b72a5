import { Secret } from '../platform/config/secret.js';
import type { NewConnection } from './calendar-store.js';

/** What Google granted as one text, to be kept encrypted while the owner is asked whom it is for. */
export function packedGrant({ account, scopes, primary, tokens }: NewConnection): Secret {
  const { accessToken, refreshToken, accessExpiresAt } = tokens;
  return new Secret(
    JSON.stringify({
      ...{ account, scopes, primary },
      accessToken: accessToken.reveal(),
      refreshToken: refreshToken.reveal(),
      accessExpiresAt: accessExpiresAt.toISOString(),
    }),
  );
}

export function unpackedGrant(packed: Secret): NewConnection {
  const { account, scopes, primary, ...tokens } = JSON.parse(packed.reveal()) as Pick<
    NewConnection,
    'account' | 'scopes' | 'primary'
  > & { accessToken: string; refreshToken: string; accessExpiresAt: string };
  return {
    ...{ account, scopes, primary },
    tokens: {
      accessToken: new Secret(tokens.accessToken),
      refreshToken: new Secret(tokens.refreshToken),
      accessExpiresAt: new Date(tokens.accessExpiresAt),
    },
  };
}
