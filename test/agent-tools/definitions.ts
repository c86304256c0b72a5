import type { Answer, TestApp, TestTenant } from '../support/test-app.js';

export interface Definitions {
  format: string;
  connectionId: string | null;
  url: string;
  headers: Record<string, string>;
  instructions: string;
  tools: Record<string, unknown>[];
}

/** Asks for definitions as a dashboard does. */
export function askForDefinitions(
  { request }: Pick<TestApp, 'request'>,
  { key }: Pick<TestTenant, 'key'>,
  query: string,
): Promise<Answer<Definitions>> {
  return request<Definitions>('GET', `/api/agent-tools/definitions?${query}`, { key });
}

/** The same, where they are there. */
export async function definitionsOf(...asked: Parameters<typeof askForDefinitions>): Promise<Definitions> {
  const { status, body } = await askForDefinitions(...asked);
  if (status !== 200) throw new Error(`There are no definitions: ${JSON.stringify(body)}`);
  return body;
}

/** Offers another service. */
export async function aService(
  { request }: Pick<TestApp, 'request'>,
  { key }: Pick<TestTenant, 'key'>,
  name: string,
): Promise<string> {
  const { status, body } = await request<{ id: string }>('POST', '/api/services', {
    key,
    body: { name, durationMinutes: 30 },
  });
  if (status !== 201) throw new Error(`No service was made: ${JSON.stringify(body)}`);
  return body.id;
}
