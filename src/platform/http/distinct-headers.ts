import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/**
 * The headers of a request, where one that came several times is a list of all its values. Node keeps the first `Authorization`
 * of two, and joins most others with a comma.
 */
export function distinctHeaders({
  headers,
  rawHeaders,
}: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): IncomingHttpHeaders {
  const values = new Map<string, string[]>();
  for (const [index, value] of rawHeaders.entries()) {
    const name = rawHeaders[index - 1]?.toLowerCase();
    if (index % 2 === 1 && name !== undefined) values.set(name, [...(values.get(name) ?? []), value]);
  }
  const repeated = [...values].filter(([, all]) => all.length > 1);
  return { ...headers, ...Object.fromEntries(repeated) };
}
