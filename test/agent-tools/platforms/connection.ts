import type { TestApp, TestTenant } from '../../support/test-app.js';

/** An agent connection as its tests need it. */
export interface TestConnection {
  id: string;
  /** As a platform has it. */
  url: string;
  /** The same without the origin, for asking the application. */
  path: string;
  secret: string;
  webhooks: { event: string; url: string }[];
}

/** Makes a connection as a dashboard does. */
export async function aConnection(
  { request }: Pick<TestApp, 'request'>,
  { key }: Pick<TestTenant, 'key'>,
  wish: {
    platform: string;
    secret?: string;
    webhookSecret?: string;
    serviceIds?: string[];
    resourceIds?: string[];
    locale?: string;
  },
): Promise<TestConnection> {
  const { status, body } = await request<Omit<TestConnection, 'path'>>('POST', '/api/agent-connections', {
    key,
    body: { name: 'Front desk', ...wish },
  });
  if (status !== 201) throw new Error(`No connection was made: ${JSON.stringify(body)}`);
  return { ...body, path: new URL(body.url).pathname };
}
