import type { GoogleSettings } from '../../platform/config/settings.js';

/** Google's addresses, or those of the one origin that stands in for all of Google. */
export function googleEndpoints({ endpoint }: GoogleSettings) {
  const at = (google: string, path: string): string => `${endpoint ?? google}${path}`;
  return {
    /** With its slash: the client resolves paths against it. */
    calendarRootUrl: at('https://www.googleapis.com', '/'),
    oauth: {
      oauth2AuthBaseUrl: at('https://accounts.google.com', '/o/oauth2/v2/auth'),
      oauth2TokenUrl: at('https://oauth2.googleapis.com', '/token'),
      oauth2RevokeUrl: at('https://oauth2.googleapis.com', '/revoke'),
      oauth2FederatedSignonPemCertsUrl: at('https://www.googleapis.com', '/oauth2/v1/certs'),
      tokenInfoUrl: at('https://oauth2.googleapis.com', '/tokeninfo'),
    },
  };
}
