import { NotFoundException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InjectOptions } from 'fastify';
import { DomainError, notFound } from '../../src/platform/errors/domain-error.js';
import { ERROR_CODES } from '../../src/platform/errors/error-codes.js';
import type { Problem } from '../../src/platform/errors/problem.js';
import { probe, startProbeApp } from './probe-app.js';

describe('a refusal', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await startProbeApp();
  });
  afterAll(() => app.close());

  async function ask(options: InjectOptions) {
    const answer = await app.inject(options);
    return {
      status: answer.statusCode,
      headers: answer.headers,
      problem: answer.json<Problem>(),
      text: answer.body,
    };
  }
  async function failWith(error: unknown) {
    probe.failure = () => {
      throw error;
    };
    return ask({ url: '/probe/failure?secret=1' });
  }
  const post = (
    payload: string | object,
    headers: Record<string, string> = { 'content-type': 'application/json' },
  ) => ask({ method: 'POST', url: '/probe', payload, headers });

  it('is a problem document with all members of the contract', async () => {
    const { status, headers, problem } = await failWith(
      new DomainError('slot_taken', 'Taken.', { extensions: { alternatives: [1], status: 200, code: 'x' } }),
    );
    expect(status).toBe(409);
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(problem).toEqual({
      type: 'urn:receptionist-calendar:problem:slot_taken',
      title: ERROR_CODES.slot_taken.title,
      status: 409,
      detail: 'Taken.',
      instance: '/probe/failure',
      code: 'slot_taken',
      traceId: headers['x-request-id'],
      alternatives: [1],
    });
  });

  it.each(Object.entries(ERROR_CODES))('answers %s with the status of its code', async (code, { status }) => {
    const answer = await failWith(new DomainError(code as keyof typeof ERROR_CODES, 'Because.'));
    expect(answer.status).toBe(status);
    expect([400, 401, 403, 404, 409, 413, 415, 422, 429, 503]).toContain(status);
    expect(answer.headers['retry-after'] !== undefined).toBe(status === 429 || status === 503);
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
  });

  it('says when to try again where that is known', async () => {
    const { headers } = await failWith(
      new DomainError('google_unavailable', 'Later.', { retryAfterSeconds: 12.3 }),
    );
    expect(headers['retry-after']).toBe('13');
  });

  it.each([
    ['an error', new Error('the password is hunter2')],
    [
      'a Google client error with a status of its own',
      Object.assign(new Error('hunter2'), { statusCode: 404, status: 404 }),
    ],
    ['something that is no error', { message: 'hunter2' }],
    ['nothing', undefined],
    ['a stack overflow', new RangeError('hunter2')],
    ['a lost database', Object.assign(new Error('connect hunter2'), { code: 'ECONNREFUSED' })],
    ['a statement timeout', Object.assign(new Error('hunter2'), { code: '57014' })],
    ['a pool that has no connection left', new Error('timeout exceeded when trying to connect')],
  ])('tells nothing about %s', async (_name, error) => {
    const { status, problem, headers, text } = await failWith(error);
    expect(status).toBe(503);
    expect(problem.code).toBe('unavailable');
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(text).not.toContain('hunter2');
    expect(text).not.toMatch(/:\d+:\d+/);
  });

  it.each([
    ['an unknown route', { url: '/nowhere?phone=%2B15551234567' }, 404, 'not_found'],
    ['a method the route does not have', { method: 'PUT', url: '/probe' }, 404, 'not_found'],
    ['a badly encoded path', { url: '/probe/%zz' }, 400, 'malformed_request'],
    ['an id that is no UUID', { url: '/probe/42' }, 404, 'not_found'],
    ['a very long id', { url: `/probe/${'x'.repeat(3000)}` }, 400, 'malformed_request'],
  ] as const)('covers %s', async (_name, options, status, code) => {
    const { problem, text, ...answer } = await ask(options);
    expect(answer.status).toBe(status);
    expect(problem).toMatchObject({ status, code, traceId: answer.headers['x-request-id'] });
    expect(text).not.toContain('5551234567');
  });

  it.each([
    ['half a document', '{"name":'],
    ['a bare word', 'hello'],
    ['a member named __proto__', '{"name":"a","__proto__":{"isAdmin":true}}'],
    ['a nested member named __proto__', '{"name":"a","weekly":[{"__proto__":{}}]}'],
    ['thirty thousand brackets', '['.repeat(30_000) + ']'.repeat(30_000)],
    ['ten thousand objects in one another', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)],
  ])('covers a body that is %s', async (_name, payload) => {
    const { status, problem } = await post(payload);
    expect(status).toBe(400);
    expect(problem.code).toBe('malformed_request');
  });

  it.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '###',
  ])('covers a body of type %s', async (type) => {
    const { status, problem } = await post('name=a', { 'content-type': type });
    expect([status, problem.code]).toEqual([415, 'unsupported_media_type']);
  });

  it('takes a body as JSON whatever follows in the content type, and none at all as none', async () => {
    const given = await post('{"name":"a"}', { 'content-type': 'application/json; charset=utf-8' });
    expect(given.status).toBe(201);
    const none = await post('', { 'content-type': 'application/json' });
    expect(none.problem.errors).toEqual([{ field: 'name', message: 'is missing' }]);
  });

  it('uses the words of the framework for nothing', async () => {
    const { problem } = await failWith(new NotFoundException('Cannot GET /secret'));
    expect(problem).toMatchObject({ code: 'not_found', detail: 'There is nothing at this address.' });
    expect((await failWith(notFound('booking'))).problem.detail).toBe('There is no such booking.');
  });

  describe('of fields', () => {
    const errorsOf = async (payload: object | string) => {
      const { status, problem } = await post(payload);
      expect([status, problem.code]).toEqual([400, 'invalid_input']);
      return Object.fromEntries((problem.errors ?? []).map(({ field, message }) => [field, message]));
    };

    it('names every one of them at once, the unknown ones too', async () => {
      expect(
        await errorsOf({
          name: '',
          email: 'nobody',
          weekly: [
            { start: '09:00', end: '17:00' },
            { start: '09:00' },
            { start: 9, end: '17:00:00', colour: 'red' },
          ],
          tags: ['a', 1],
          tenantId: 'x',
        }),
      ).toEqual({
        name: 'must be longer than or equal to 1 characters',
        email: 'must be an email',
        'weekly[1].end': 'is missing',
        'weekly[2].start': 'must be a string',
        'weekly[2].end': 'must be shorter than or equal to 5 characters',
        'weekly[2].colour': 'is not a known field',
        tags: 'each value must be a string',
        tenantId: 'is not a known field',
      });
    });

    it.each([
      ['an array', []],
      ['a string', '"text"'],
      ['a number', '5'],
      ['null', 'null'],
      ['an array of objects', [{ name: 'a' }]],
    ])('covers %s where an object is expected', async (_name, payload) => {
      expect(Object.keys(await errorsOf(payload)).length).toBeGreaterThan(0);
    });

    it.each([
      ['an object', { name: { $ne: null } }],
      ['an array', { name: ['a'] }],
      ['a number', { name: 1 }],
      ['null', { name: null }],
      ['an object that says how long it is', { name: { length: 3 } }],
    ])('covers %s where a text is expected', async (_name, payload) => {
      expect(Object.keys(await errorsOf(payload))).toContain('name');
    });

    it.each(['constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'length', 'valueOf'])(
      'covers a member named %s, at any depth',
      async (member) => {
        const errors = await errorsOf({
          name: 'a',
          weekly: [{ start: '09:00', end: '10:00', [member]: 1 }],
          [member]: 1,
        });
        expect(errors).toMatchObject({
          [member]: 'is not a known field',
          [`weekly[0].${member}`]: 'is not a known field',
        });
      },
    );

    it.each([
      ['a NUL', 'a\\u0000b'],
      ['a high surrogate alone', '\\ud83d'],
      ['a low surrogate alone', '\\ude00 a'],
    ])('covers text with %s, wherever it stands', async (_name, text) => {
      const errors = await errorsOf(
        `{"name":"${text}","weekly":[{"start":"09:00","end":"${text}"}],"${text}":1}`,
      );
      expect(Object.keys(errors)).toEqual(['body', 'name', 'weekly[0].end']);
    });

    it('covers a NUL in the query', async () => {
      const { status, problem } = await ask({ url: '/probe?name=a%00b' });
      expect(status).toBe(400);
      expect(problem.errors?.[0]?.field).toBe('name');
    });

    it('covers the query', async () => {
      const { problem } = await ask({ url: '/probe?limit=ten&page=2' });
      expect(problem.errors).toEqual([
        { field: 'page', message: 'is not a known field' },
        expect.objectContaining({ field: 'limit' }) as unknown,
      ]);
    });

    it('names no more than fifty', async () => {
      const many = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`field${i}`, i]));
      expect(Object.keys(await errorsOf({ name: 'a', ...many }))).toHaveLength(50);
    });
  });

  it('lets text of every script and emoji through', async () => {
    const answer = await post({ name: 'Zoë 😀 北京 עברית' });
    expect(answer.status).toBe(201);
  });
});

describe('a request id', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await startProbeApp();
  });
  afterAll(() => app.close());
  const idFor = async (headers: Record<string, string>) =>
    (await app.inject({ url: '/probe', headers })).headers['x-request-id'];

  it("is the caller's own where it is well formed", async () => {
    expect(await idFor({ 'x-request-id': 'call-1:step_2.a' })).toBe('call-1:step_2.a');
  });

  it.each(['', 'a b', '<script>', 'x'.repeat(65), '{"a":1}', '-starts-with-a-dash'])(
    'is made anew for %j',
    async (given) => {
      expect(await idFor({ 'x-request-id': given })).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});
