import { inspect } from 'node:util';
import { Secret } from '../../src/platform/config/secret.js';
import { createLog } from '../../src/platform/logging/log.js';
import { NestLogger } from '../../src/platform/logging/nest-logger.js';
import { requestContext } from '../../src/platform/logging/request-context.js';
import { ADMIN_KEY, CLIENT_SECRET, testSettings } from '../support/test-settings.js';

const PASSWORD = 'p4ss/word+that"is%odd';
const databaseUrl = `postgres://service:${encodeURIComponent(PASSWORD)}@db.internal:5432/receptionist`;

function aLog() {
  const lines: string[] = [];
  const settings = testSettings({ serviceUrl: databaseUrl }, 'http://127.0.0.1:1', { logLevel: 'trace' });
  const log = createLog(settings, { write: (line) => void lines.push(line) });
  return {
    log,
    nest: new NestLogger(log),
    lines,
    last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>,
  };
}

describe('the log', () => {
  const jwt = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"sub":"1"}').toString('base64url')}.c2lnbmF0dXJl`;
  const planted: Record<string, string> = {
    'an API key': `rcal_0123456789ab_${'k'.repeat(43)}`,
    'an access token': `ya29.a0${'t'.repeat(40)}`,
    'a refresh token': `1//0${'r'.repeat(40)}`,
    'an authorisation code': `4/0A${'c'.repeat(40)}`,
    'a JWT': jwt,
    'the admin key': ADMIN_KEY,
    'the client secret': CLIENT_SECRET,
    'the database password': PASSWORD,
    'the database password in an address': encodeURIComponent(PASSWORD),
    'the encryption key': Buffer.alloc(32, 1).toString('base64'),
  };

  it.each(Object.entries(planted))('never shows %s, wherever it stands', (_name, secret) => {
    const { log, nest, lines } = aLog();
    const error = Object.assign(new Error(`refused ${secret}`), {
      config: { headers: { authorization: `Bearer ${secret}` }, data: secret },
      response: { data: { anything: secret } },
      detail: `Key (secret)=(${secret}) exists`,
      cause: new AggregateError([new Error(secret)], secret),
    });
    log.info(`a text with ${secret} inside`);
    log.info({ [secret]: 'as a name' }, 'x');
    log.warn({ deep: { list: [{ inner: { text: `?x=${secret}&y` } }] }, error, err: error }, 'x');
    log.error(error);
    nest.error(error, undefined, 'Context');
    nest.error(`oops ${secret}`, error.stack, 'Context');
    nest.log({ error, secret }, `text ${secret}`, 'Context');
    nest.warn(inspect(error), 'Context');
    expect(lines).toHaveLength(8);
    expect(lines.join('')).not.toContain(secret);
    expect(lines.join('')).not.toContain(JSON.stringify(secret).slice(1, -1));
  });

  it.each([
    'authorization',
    'Authorization',
    'set-cookie',
    'password',
    'client_secret',
    'clientSecret',
    'accessToken',
    'refresh_token',
    'id_token',
    'code_verifier',
    'key',
    'apiKey',
    'x-goog-channel-token',
    'databaseUrl',
    'phone',
    'email',
  ])('leaves out the value of a member named %s', (name) => {
    const { log, lines } = aLog();
    log.info({ [name]: 'opaque-value', nested: [{ [name]: { inner: 'opaque-value' } }] }, 'x');
    expect(lines.join('')).not.toContain('opaque-value');
  });

  it('tells an OAuth code from an error code', () => {
    const { log, last } = aLog();
    log.info({ code: '4/0Adeu5BX' }, 'x');
    expect(last()['code']).toBe('[redacted]');
    for (const code of ['ECONNREFUSED', '23P01', 'slot_taken', 404, 'ERR_SOCKET_TIMEOUT']) {
      log.info({ code }, 'x');
      expect(last()['code']).toBe(code);
    }
  });

  it('keeps of an error what helps: name, message, stack, code and cause', () => {
    const { log, last } = aLog();
    const cause = Object.assign(new TypeError('deeper'), { code: 'ECONNRESET' });
    log.error({ error: Object.assign(new Error('outer', { cause }), { headers: { a: 1 } }) }, 'x');
    const { stack, ...error } = last()['error'] as { stack: string; cause: object };
    expect(stack).toContain('redaction.spec');
    expect(error).toMatchObject({
      name: 'Error',
      message: 'outer',
      cause: { name: 'TypeError', code: 'ECONNRESET' },
    });
    expect(Object.keys(error).sort()).toEqual(['cause', 'message', 'name']);
  });

  it('survives what cannot be written as JSON', () => {
    const { log, lines } = aLog();
    const circle: Record<string, unknown> = { big: 1n, at: new Date(0), bytes: Buffer.from('secret bytes') };
    circle['self'] = circle;
    log.info({ circle, settings: { secret: new Secret('hidden value') } }, 'x');
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/secret bytes|hidden value/);
  });

  it('says on each line which request and tenant it belongs to', async () => {
    const { log, nest, last } = aLog();
    await requestContext.run({ requestId: 'r-1' }, async () => {
      requestContext.set({ tenantId: 't-1' });
      await Promise.resolve();
      nest.log('inside', 'Service');
    });
    expect(last()).toMatchObject({
      level: 'info',
      requestId: 'r-1',
      tenantId: 't-1',
      context: 'Service',
      message: 'inside',
    });
    log.info('outside');
    expect(last()).not.toHaveProperty('requestId');
  });

  it("takes Nest's calls as they come", () => {
    const { nest, last } = aLog();
    nest.warn({ attempts: 3 }, 'Trying again', 'Writer');
    expect(last()).toMatchObject({ level: 'warn', attempts: 3, message: 'Trying again', context: 'Writer' });
    nest.error('Failed', 'Error: x\n    at y', 'Writer');
    expect(last()).toMatchObject({
      level: 'error',
      message: 'Failed',
      details: 'Error: x\n    at y',
      context: 'Writer',
    });
    nest.log({ attempts: 3 }, 'Without a context');
    expect(last()).toMatchObject({ attempts: 3, message: 'Without a context' });
    nest.log('Mapped {/x, GET} route', 'RouterExplorer');
    expect(last()).toMatchObject({ level: 'debug' });
  });
});
