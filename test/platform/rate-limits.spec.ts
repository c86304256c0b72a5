import { UnauthorizedException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { probe, startProbeApp } from './probe-app.js';

describe('the rate limit', () => {
  let app: NestFastifyApplication;
  beforeEach(async () => {
    app = await startProbeApp({ rateLimitPerMinute: 100, trustedProxies: 1 });
    probe.failure = () => 'fine';
  });
  afterEach(() => app.close());

  const ask = (headers: Record<string, string> = {}, url = '/probe/failure') => app.inject({ url, headers });
  async function statuses(count: number, headers: Record<string, string>, url?: string) {
    // One after the other: what is injected in one tick does not arrive as requests of a network do.
    const answers = [];
    for (let i = 0; i < count; i++) answers.push(await ask(headers, url));
    return Map.groupBy(answers, ({ statusCode }) => statusCode);
  }

  it('answers 429 with the time to wait once a credential has asked too often', async () => {
    const byStatus = await statuses(130, { authorization: 'Bearer busy' });
    expect(byStatus.get(200)).toHaveLength(100);
    const [refused] = byStatus.get(429) ?? [];
    expect(refused?.json()).toMatchObject({ code: 'rate_limited', status: 429 });
    expect(refused?.headers['content-type']).toContain('application/problem+json');
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(50);
    expect(Number(refused?.headers['retry-after'])).toBeLessThanOrEqual(60);
  });

  it('counts every credential by itself, and addresses without one', async () => {
    await statuses(130, { authorization: 'Bearer busy' });
    expect((await ask({ authorization: 'Bearer calm' })).statusCode).toBe(200);
    expect((await ask()).statusCode).toBe(200);
    await statuses(130, { 'x-forwarded-for': '203.0.113.1' });
    expect((await ask({ 'x-forwarded-for': '203.0.113.1' })).statusCode).toBe(429);
    expect((await ask({ 'x-forwarded-for': '203.0.113.2' })).statusCode).toBe(200);
  });

  it('holds a route to its own tighter limit', async () => {
    const byStatus = await statuses(10, {}, '/probe/tight');
    expect(byStatus.get(200)).toHaveLength(3);
    expect(byStatus.get(429)).toHaveLength(7);
    expect((await ask()).statusCode).toBe(200);
  });

  it('stops an address that tries key after key, but not a good key behind the same address', async () => {
    const address = { 'x-forwarded-for': '203.0.113.7' };
    await ask({ ...address, authorization: 'Bearer good' });
    for (let i = 0; i < 60; i++) {
      expect((await ask({ ...address, authorization: `Bearer guess-${i}` })).statusCode).toBe(401);
    }
    const refused = await ask({ ...address, authorization: 'Bearer guess-61' });
    expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([429, 'rate_limited']);
    expect((await ask({ ...address, authorization: 'Bearer good' })).statusCode).toBe(200);
    expect(
      (await ask({ 'x-forwarded-for': '203.0.113.8', authorization: 'Bearer guess-62' })).statusCode,
    ).toBe(401);
  });

  it('does not believe a wrong key because a public route did not mind it', async () => {
    for (let i = 0; i < 60; i++) {
      const headers = { authorization: `Bearer guess-${i}` };
      expect((await ask(headers, '/probe/public')).statusCode).toBe(200);
      expect((await ask(headers)).statusCode).toBe(401);
    }
    const headers = { authorization: 'Bearer guess-60' };
    await ask(headers, '/probe/public');
    expect((await ask(headers)).statusCode).toBe(429);
  });

  it('gives no new budget for headers that are made up', async () => {
    const codes = [];
    for (let i = 0; i < 130; i++) {
      codes.push((await ask({ authorization: `Bearer ${i}` }, '/probe/public')).statusCode);
    }
    expect(codes.filter((code) => code === 429)).toHaveLength(30);
  });

  it('counts one credential once, however its scheme is written', async () => {
    const codes = [];
    for (let i = 0; i < 150; i++) {
      const scheme = ['Bearer', 'bearer', 'BEARER'][i % 3] ?? '';
      codes.push((await ask({ authorization: `${scheme} busy` })).statusCode);
    }
    expect(codes.filter((code) => code === 429)).toHaveLength(50);
  });

  it('counts addresses at which there is nothing', async () => {
    const byStatus = await statuses(130, {}, '/nothing/here');
    expect([byStatus.get(404)?.length, byStatus.get(429)?.length]).toEqual([100, 30]);
    expect((await ask({ authorization: 'Bearer good' })).statusCode).toBe(200);
  });

  it('counts the wrong secrets that one address shows for one connection, and lets the right one in still', async () => {
    const url = '/api/voice/vapi/guessed';
    expect((await ask({ 'x-api-key': 'right' }, url)).statusCode).toBe(200);
    for (let i = 0; i < 60; i++) expect((await ask({ 'x-api-key': `guess-${i}` }, url)).statusCode).toBe(401);
    expect((await ask({ 'x-api-key': 'guess-60' }, url)).statusCode).toBe(429);
    expect((await ask({ 'x-api-key': 'right' }, url)).statusCode).toBe(200);
    expect((await ask({ 'x-api-key': 'guess-61' }, '/api/voice/vapi/another')).statusCode).toBe(401);
    const elsewhere = { 'x-forwarded-for': '203.0.113.9', 'x-api-key': 'guess-61' };
    expect((await ask(elsewhere, url)).statusCode).toBe(401);
  });

  it('keeps the limits that a route sets beside what else it says of itself', async () => {
    const byStatus = await statuses(130, {}, '/probe/roomy');
    expect(byStatus.get(200)).toHaveLength(130);
  });

  it('counts every connection of a voice platform by itself, though all of them are called from one address', async () => {
    const [busy, calm] = ['/api/voice/retell/busy', '/api/voice/retell/calm'];
    for (const url of [busy, calm]) expect((await ask({}, url)).statusCode).toBe(200);
    const byStatus = await statuses(130, {}, busy);
    expect(byStatus.get(429)).toHaveLength(30);
    expect((await ask({}, calm)).statusCode).toBe(200);
  });

  it('counts a connection once, however its address is written', async () => {
    const ways = ['/api/voice/retell/4b1a', '/api/voice/retell/4B1A', '/api/voice/%72etell/%34b1a'];
    for (const url of ways) expect((await ask({}, url)).statusCode).toBe(200);
    const codes = [];
    for (let i = 0; i < 150; i++) codes.push((await ask({}, ways[i % 3])).statusCode);
    expect(codes.filter((code) => code === 429).length).toBeGreaterThanOrEqual(50);
  });

  it('lets a connection suffer neither for wrong secrets nor for addresses that others behind the same network make up', async () => {
    const url = '/api/voice/retell/right';
    expect((await ask({}, url)).statusCode).toBe(200);
    probe.failure = () => {
      throw new UnauthorizedException();
    };
    expect((await ask({}, url)).statusCode).toBe(401);
    for (let i = 0; i < 110; i++) await ask({}, `/api/voice/retell/${i}`);
    probe.failure = () => 'fine';
    expect((await ask({}, '/api/voice/retell/unknown')).statusCode).toBe(429);
    expect((await ask({}, url)).statusCode).toBe(200);
  });

  it('counts addresses of connections that are made up by where they are asked from', async () => {
    probe.failure = () => {
      throw new UnauthorizedException();
    };
    const codes = [];
    for (let i = 0; i < 130; i++) codes.push((await ask({}, `/api/voice/retell/${i}`)).statusCode);
    expect(codes.filter((code) => code === 429)).toHaveLength(30);
  });

  it('does not make a tenant suffer for the wrong secret of another on the same platform', async () => {
    probe.failure = () => {
      throw new UnauthorizedException();
    };
    for (let i = 0; i < 70; i++) await ask({ authorization: 'Bearer wrong' }, '/api/voice/vapi/mistaken');
    probe.failure = () => 'fine';
    expect((await ask({ authorization: 'Bearer right' }, '/api/voice/vapi/another')).statusCode).toBe(200);
  });

  it('believes no address that a client makes up unless a proxy is trusted', async () => {
    const untrusting = await startProbeApp({ rateLimitPerMinute: 5 });
    const statusCodes = [];
    for (let i = 0; i < 7; i++) {
      const headers = { 'x-forwarded-for': `203.0.113.${i}` };
      statusCodes.push((await untrusting.inject({ url: '/probe/failure', headers })).statusCode);
    }
    expect(statusCodes).toEqual([200, 200, 200, 200, 200, 429, 429]);
    await untrusting.close();
  });

  it('is off at zero', async () => {
    const free = await startProbeApp({ rateLimitPerMinute: 0 });
    const answers = await Promise.all(
      Array.from({ length: 300 }, () => free.inject({ url: '/probe/failure' })),
    );
    expect(answers.every(({ statusCode }) => statusCode === 200)).toBe(true);
    await free.close();
  });
});
