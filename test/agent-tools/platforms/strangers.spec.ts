import { randomUUID } from 'node:crypto';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../../support/test-app.js';
import { aConnection, type TestConnection } from './connection.js';

/* Platforms that send a secret: who has it, is let in. */

let service: TestApp;
let tenant: TestTenant;
let other: TestTenant;

beforeAll(async () => {
  service = await startTestApp();
  tenant = await aTenant(service);
  other = await aTenant(service);
});
afterAll(() => service.close());

type Headers = Record<string, string | string[]>;

async function send(path: string, headers: Headers, payload = '{}') {
  const { statusCode, body } = await service.app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/json', ...headers },
    payload,
  });
  return { status: statusCode, body };
}

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

describe.each(['generic', 'openai', 'bland', 'ultravox', 'synthflow'])(
  'at a connection of %s',
  (platform) => {
    let connection: TestConnection;
    let theirs: TestConnection;

    beforeAll(async () => {
      connection = await aConnection(service, tenant, { platform });
      theirs = await aConnection(service, other, { platform });
    });

    it('the secret opens', async () => {
      const { status } = await send(`${connection.path}/list_services`, bearer(connection.secret));
      expect(status).toBe(200);
    });

    it('nothing else does, and all of it is answered alike', async () => {
      const { path, secret } = connection;
      const foreign = platform === 'bland' ? 'ultravox' : 'bland';
      const attempts: [string, Headers][] = [
        [path, {}],
        [path, bearer('')],
        [path, bearer('wrong')],
        [path, bearer(secret.slice(0, -1))],
        [path, bearer(`${secret} ${secret}`)],
        [path, bearer(theirs.secret)],
        [path, bearer(tenant.key)],
        [path, { authorization: `Basic ${Buffer.from(`x:${secret}`).toString('base64')}` }],
        [path, { 'x-api-key': 'wrong' }],
        [path, { authorization: [`Bearer ${secret}`, 'Bearer wrong'] }],
        [path, { authorization: [`Bearer ${secret}`, `Bearer ${secret}`] }],
        [path, { 'x-api-key': [secret, secret] }],
        [`${path}?api_key=wrong`, {}],
        [`${path}?api_key=${secret}&api_key=${secret}`, {}],
        [theirs.path, bearer(secret)],
        [path.replace(connection.id, randomUUID()), bearer(secret)],
        [path.replace(`/${platform}/`, `/${foreign}/`), bearer(secret)],
        [path.replace(`/${platform}/`, '/mcp/'), bearer(secret)],
      ];
      const answers = await Promise.all(attempts.map(async ([at, headers]) => send(at, headers)));
      expect(answers.map(({ status }) => status)).toEqual(attempts.map(() => 401));
      const details = answers.map(({ body }) => (JSON.parse(body) as { detail: string }).detail);
      expect(new Set(details).size).toBe(1);
      for (const { body } of answers) expect(body).not.toContain(secret);
    });

    it('whatever is sent with it is answered with a sentence', async () => {
      const bodies = [
        '',
        'null',
        '[]',
        '7',
        '"text"',
        'no JSON {',
        '{"arguments":"{"}',
        '{"input":7,"tool":{}}',
      ];
      bodies.push(
        '{"__proto__":{"ok":true}}',
        JSON.stringify({ date: { nested: [] }, name: [1], tool_calls: 7 }),
      );
      for (const body of bodies) {
        for (const at of ['', '/check_availability', '/find_booking', '/no_such_tool']) {
          const answer = await send(`${connection.path}${at}`, bearer(connection.secret), body);
          expect({ body, at, status: answer.status }).toEqual({ body, at, status: 200 });
          expect(answer.body).toMatch(/"say\\?":\\?"[^"\\]/);
        }
      }
    });
  },
);

it('a connection over MCP is used at the MCP server only, and its secret is one that we made', async () => {
  const connection = await aConnection(service, tenant, { platform: 'mcp' });
  expect(connection.url).toBe(`${service.settings.publicUrl}/mcp`);
  const { status } = await send(`/api/voice/mcp/${connection.id}/list_services`, bearer(connection.secret));
  expect(status).toBe(401);
  const listed = await send(
    '/mcp',
    { ...bearer(connection.secret), accept: 'application/json, text/event-stream' },
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  );
  expect(listed.status).toBe(200);
  expect(listed.body).toContain('check_availability');
  await expect(aConnection(service, tenant, { platform: 'mcp', secret: 'of-my-own' })).rejects.toThrow(
    /secret/,
  );
});

it('a secret in the query stands in no answer, also where the request is refused', async () => {
  const { path } = await aConnection(service, tenant, { platform: 'ultravox' });
  const answer = await send(`${path}/list_services?api_key=made-up-secret`, {});
  expect(answer.status).toBe(401);
  expect(answer.body).not.toContain('made-up-secret');
});
