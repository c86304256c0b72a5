import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { createHmac, randomUUID } from 'node:crypto';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

const MIB = 1024 * 1024;
const AUTH_TOKEN = '0123456789abcdef0123456789abcdef';

interface Connection {
  id: string;
  secret: string;
}

describe('the body of a request', () => {
  let service: TestApp;
  let tenant: TestTenant;
  let port: number;
  let vapi: Connection;
  let twilio: Connection;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    service = await startTestApp();
    await service.app.listen(0, '127.0.0.1');
    port = (service.app.getHttpServer().address() as AddressInfo).port;
    tenant = await aTenant(service);
    const connection = async (body: object) =>
      (
        await service.request<Connection & Record<string, unknown>>('POST', '/api/agent-connections', {
          key: tenant.key,
          body,
        })
      ).body;
    vapi = await connection({ platform: 'vapi', name: 'Vapi' });
    twilio = await connection({ platform: 'twilio', name: 'Twilio', secret: AUTH_TOKEN });
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await service.close();
  });

  /** Sends the head of a request that announces a megabyte, and none of it. @returns the status of the answer */
  async function statusWithoutBody(path: string, headers: Record<string, string> = {}): Promise<number> {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    const head = {
      host: 'calendar.test',
      'content-type': 'application/json',
      'content-length': String(MIB),
      ...headers,
    };
    socket.write(
      `POST ${path} HTTP/1.1\r\n${Object.entries(head)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n`,
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return Number(answer.toString().split(' ')[1]);
  }

  it('is not waited for where a header says already that the request is not let in', async () => {
    const wrong = { authorization: 'Bearer wrong' };
    for (const [path, headers, status] of [
      ['/api/bookings', {}, 401],
      ['/api/bookings', wrong, 401],
      ['/api/admin/tenants', { authorization: `Bearer ${tenant.key}` }, 403],
      ['/api/agent-tools/check_availability', wrong, 401],
      ['/mcp', wrong, 401],
      [`/api/voice/vapi/${vapi.id}`, {}, 401],
      [`/api/voice/vapi/${vapi.id}`, wrong, 401],
      [`/api/voice/vapi/${randomUUID()}`, { authorization: `Bearer ${vapi.secret}` }, 401],
      [`/api/voice/vapi/${randomUUID()}`, { 'x-signature': 'a'.repeat(64) }, 401],
      [`/api/voice/twilio/${twilio.id}`, {}, 401],
      ['/nothing/here', {}, 404],
    ] as const) {
      expect([path, headers, await statusWithoutBody(path, headers)]).toEqual([path, headers, status]);
    }
  });

  it('is refused by its announced length where it is larger than the address takes', async () => {
    const headers = { authorization: `Bearer ${tenant.key}` };
    expect(await statusWithoutBody('/api/bookings', headers)).toBe(413);
    expect(await statusWithoutBody('/api/agent-tools/check_availability', headers)).toBe(413);
    const { status, body } = await service.request('POST', '/api/bookings', {
      key: tenant.key,
      body: { name: 'x'.repeat(70_000) },
    });
    expect([status, body['code']]).toEqual([413, 'body_too_large']);
  });

  it('takes no longer than its length allows for where its signature is over each field', async () => {
    const form = Array.from({ length: 150_000 }, (_, n) => `${n.toString(36)}=`).join('&');
    const before = process.cpuUsage();
    const { status } = await fetch(`http://127.0.0.1:${port}/api/voice/twilio/${twilio.id}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': 'wrong' },
      body: form,
    });
    expect(status).toBe(401);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(2000);
  });

  it('is refused where an object in it has more members than anybody sends', async () => {
    const members = Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`m${n}`, n]));
    for (const [path, key] of [
      ['/api/bookings', tenant.key],
      ['/api/agent-tools/check_availability', tenant.key],
      [`/api/voice/vapi/${vapi.id}`, vapi.secret],
    ] as const) {
      const { status, body } = await service.request('POST', path, { key, body: { nested: [members] } });
      expect([path, status, body['code']]).toEqual([path, 413, 'body_too_large']);
    }
  });

  it('may be as large as reports of calls are where a voice platform sends it', async () => {
    const message = { type: 'end-of-call-report', call: { id: 'c1' }, transcript: 'x'.repeat(900_000) };
    const answer = await service.request('POST', `/api/voice/vapi/${vapi.id}`, {
      key: vapi.secret,
      body: { message },
    });
    expect(answer.status).toBe(200);
  });

  it('is believed by its own signature and not by one over nothing', async () => {
    const path = `/api/voice/vapi/${vapi.id}`;
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = (text: string) =>
      createHmac('sha256', vapi.secret).update(`${timestamp}.${text}`).digest('hex');
    const payload = JSON.stringify({ message: { type: 'status-update', status: 'in-progress' } });
    const send = (signed: string) =>
      service.app.inject({
        method: 'POST',
        url: path,
        headers: {
          'content-type': 'application/json',
          'x-timestamp': timestamp,
          'x-signature': signature(signed),
        },
        payload,
      });
    expect((await send(payload)).statusCode).toBe(200);
    expect((await send('')).statusCode).toBe(401);
  });

  describe('that was compressed for the way', () => {
    const asked = Buffer.from(JSON.stringify({ date: 'tomorrow' }));
    const send = (payload: Buffer, coding: string, url = '/api/agent-tools/check_availability') =>
      service.app.inject({
        method: 'POST',
        url,
        headers: {
          authorization: `Bearer ${tenant.key}`,
          'content-type': 'application/json',
          'content-encoding': coding,
        },
        payload,
      });

    it('is understood where it is gzip or deflate', async () => {
      for (const [payload, coding] of [
        [gzipSync(asked), 'gzip'],
        [gzipSync(asked), 'GZIP'],
        [deflateSync(asked), 'deflate'],
        [asked, 'identity'],
      ] as const) {
        const answer = await send(payload, coding);
        expect(answer.json()).toMatchObject({ ok: true, slots: expect.any(Array) as unknown });
      }
    });

    it('is refused as 415 where it is anything else, naming what is understood', async () => {
      for (const coding of ['br', 'zstd', 'gzip, gzip']) {
        const answer = await send(brotliCompressSync(asked), coding);
        expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([
          415,
          'unsupported_media_type',
        ]);
        expect(answer.headers['accept-encoding']).toBe('gzip, deflate');
        expect(answer.headers['content-type']).toContain('application/problem+json');
      }
    });

    it('is refused where it is none, or comes to more than the address takes', async () => {
      const broken = await send(asked, 'gzip');
      expect([broken.statusCode, broken.json<{ code: string }>().code]).toEqual([400, 'malformed_request']);
      const bomb = await send(gzipSync(Buffer.alloc(50 * MIB)), 'gzip');
      expect([bomb.statusCode, bomb.json<{ code: string }>().code]).toEqual([413, 'body_too_large']);
    });

    it('is what a signature is over, before it was compressed', async () => {
      const payload = JSON.stringify({ message: { type: 'status-update', status: 'in-progress' } });
      const timestamp = String(Math.floor(Date.now() / 1000));
      const answer = await service.app.inject({
        method: 'POST',
        url: `/api/voice/vapi/${vapi.id}`,
        headers: {
          'content-type': 'application/json',
          'content-encoding': 'gzip',
          'x-timestamp': timestamp,
          'x-signature': createHmac('sha256', vapi.secret).update(`${timestamp}.${payload}`).digest('hex'),
        },
        payload: gzipSync(payload),
      });
      expect(answer.statusCode).toBe(200);
    });
  });

  it('is no part of the documents, which are written out once', async () => {
    for (const path of ['/api/docs-json', '/api/docs-yaml']) {
      const [first, second] = [
        await service.app.inject({ url: path }),
        await service.app.inject({ url: path }),
      ];
      expect([first.statusCode, second.statusCode]).toEqual([200, 200]);
      expect(second.body).toBe(first.body);
      expect(second.headers['content-type']).toBe(first.headers['content-type']);
    }
    // Written anew, these would take minutes.
    const before = process.cpuUsage();
    for (let i = 0; i < 100; i += 1) await service.app.inject({ url: '/api/docs-yaml' });
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(5_000);
  });
});
