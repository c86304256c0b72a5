import type { Account } from './accounts.js';
import type { QueryValue } from './discovery-check.js';
import type { Incoming } from './incoming.js';

/** A call that has the right token, the right scope, and nothing the discovery document does not know. */
export interface Call {
  operation: string;
  path: Readonly<Record<string, string>>;
  query: Readonly<Record<string, QueryValue>>;
  body: Record<string, unknown>;
  headers: Incoming['headers'];
  account: Account;
}
