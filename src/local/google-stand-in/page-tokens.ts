import { badRequest } from './api-error.js';

export interface Sorted<T> {
  /** Unique and sorting as text, so that a page can begin after it even when events came and went. */
  key: string;
  item: T;
}

interface PageToken {
  after: string;
  /** The revision when the first page was made: what changed since belongs to the next sync. */
  revision: number;
}

interface Page<T> {
  items: T[];
  nextPageToken?: string;
}

export function pageOf<T>(sorted: Sorted<T>[], size: number, token: PageToken): Page<T> {
  const rest = sorted.filter(({ key }) => key > token.after);
  rest.sort((a, b) => (a.key < b.key ? -1 : 1));
  const items = rest.slice(0, size);
  const last = items.at(-1);
  const hasMore = rest.length > items.length;
  const after = last?.key ?? token.after;
  return {
    items: items.map(({ item }) => item),
    nextPageToken: hasMore ? encodePageToken({ ...token, after }) : undefined,
  };
}

export function encodePageToken(token: PageToken): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

export function decodePageToken(text: string): PageToken {
  try {
    const token = JSON.parse(Buffer.from(text, 'base64url').toString()) as PageToken;
    if (typeof token.after === 'string' && typeof token.revision === 'number') return token;
  } catch {
    // falls through: not one of ours
  }
  throw badRequest('Invalid page token value.', 'invalid');
}
