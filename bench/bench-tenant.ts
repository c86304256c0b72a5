/*
 * Tenants for the benchmarks, made as an administrator and an owner make them.
 */
const { OwnersBrowser } = (await import(
  new URL('../dist/local/google-stand-in/owners-browser.js', import.meta.url).href
)) as typeof import('../src/local/google-stand-in/owners-browser.js');

export interface BenchTenant {
  id: string;
  /** An API key with both scopes. */
  key: string;
}

/** As every tenant starts: Monday to Friday from 9 to 17 in New York, appointments of an hour, no calendar connected. */
export async function makeTenant(service: string, adminKey: string, name: string): Promise<BenchTenant> {
  const post = <Result>(path: string, body: object): Promise<Result> =>
    request<Result>('POST', service + path, adminKey, body);
  const { id } = await post<{ id: string }>('/api/admin/tenants', { name, timezone: 'America/New_York' });
  const scopes = ['dashboard', 'agent'];
  const { key } = await post<{ key: string }>(`/api/admin/tenants/${id}/api-keys`, { name: 'bench', scopes });
  return { id, key };
}

/** Connects an account of the stand-in, as its owner would by clicking. */
export async function connectCalendar(service: string, key: string, email: string): Promise<void> {
  const { authUrl } = await request<{ authUrl: string }>(
    'GET',
    `${service}/api/tenant-calendar/auth-url`,
    key,
  );
  const page = await new OwnersBrowser().connect(authUrl, { email });
  if (page.status !== 200) throw new Error(`The account was not connected: ${page.body}`);
}

/** @throws for any answer but a success */
export async function request<Result>(
  method: string,
  address: string,
  key: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Result> {
  const answer = await fetch(address, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}: ${await answer.text()}`);
  return (answer.status === 204 ? undefined : await answer.json()) as Result;
}

export function nextMonday(): string {
  const date = new Date(Date.now() + 86_400_000);
  while (date.getUTCDay() !== 1) date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}
