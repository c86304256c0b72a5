/** What the stand-in is going to send. A value, so that a fault can still lose it after the work is done. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
    text: JSON.stringify(body),
  };
}

export function page(status: number, html: string): Answer {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=UTF-8',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    },
    text: html,
  };
}

export function redirect(location: string): Answer {
  return { status: 302, headers: { location, 'cache-control': 'no-store' }, text: '' };
}

export function empty(status: 204 | 304, headers: Record<string, string> = {}): Answer {
  return { status, headers, text: '' };
}
