import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { startService } from '../support/service-process.js';
import { aTenant } from '../support/test-app.js';
import { createTestDatabase } from '../support/test-database.js';
import { CLIENT_ID, CLIENT_SECRET } from '../support/test-settings.js';
import { probe, startProbeApp } from './probe-app.js';

describe('shutting down', () => {
  let app: NestFastifyApplication;
  let origin: string;
  let answerSlowRequest: () => void;
  let slowRequestArrived: Promise<unknown>;

  beforeEach(async () => {
    app = await startProbeApp();
    await app.listen(0, '127.0.0.1');
    origin = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
    const arrived = Promise.withResolvers<boolean>();
    slowRequestArrived = arrived.promise;
    probe.failure = () => {
      arrived.resolve(true);
      return new Promise((resolve) => (answerSlowRequest = () => resolve({ finished: true })));
    };
  });
  afterEach(() => app.close());

  it('finishes the request in hand', async () => {
    const slow = fetch(`${origin}/probe/failure`);
    await slowRequestArrived;
    let closed = false;
    const closing = app.close().then(() => (closed = true));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(closed).toBe(false);
    answerSlowRequest();
    const answer = await slow;
    expect([answer.status, await answer.json()]).toEqual([200, { finished: true }]);
    expect(answer.headers.get('connection')).toBe('close');
    await closing;
    await expect(fetch(`${origin}/probe`)).rejects.toThrow();
  });

  it('refuses a request that comes on an open connection meanwhile, with a problem', async () => {
    const slow = fetch(`${origin}/probe/failure`);
    await slowRequestArrived;
    const connection = connect(Number(new URL(origin).port), '127.0.0.1');
    let received = '';
    connection.on('data', (chunk: Buffer) => (received += chunk.toString()));
    await once(connection, 'connect');
    // Half a request, so that the connection is not idle when the shutdown begins.
    connection.write('GET /probe HTTP/1.1\r\nhost: x\r\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closing = app.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    connection.write('\r\n');
    await once(connection, 'close');
    expect(received).toMatch(/^HTTP\/1\.1 503 /);
    expect(received.toLowerCase()).toMatch(/\r\nretry-after: 1\r\n/);
    expect(received).toContain('"code":"unavailable"');
    answerSlowRequest();
    await slow;
    await closing;
  });
});

describe('what is not HTTP', () => {
  it('is answered with a problem too', async () => {
    const app = await startProbeApp();
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const connection = connect(port, '127.0.0.1');
    let received = '';
    connection.on('data', (chunk: Buffer) => (received += chunk.toString()));
    connection.write('\x16\x03\x01 hello\r\n\r\n');
    await once(connection, 'close');
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect(received).toContain('"code":"malformed_request"');
    await app.close();
  });
});

describe('SIGTERM', () => {
  it('lets the process finish a slow booking and end with 0', async () => {
    const database = await createTestDatabase();
    const google = await GoogleStandIn.start({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
    const service = await startService(database, google.origin);
    const tenant = await aTenant(service);
    const { body } = await service.request<{ slots: { slotId: string }[] }>('GET', '/api/availability', {
      key: tenant.key,
    });
    // The insert waits for this lock, so the request is in hand when the signal comes.
    const locked = new pg.Client({ connectionString: database.ownerUrl });
    await locked.connect();
    await locked.query('BEGIN; LOCK TABLE booking IN ACCESS EXCLUSIVE MODE');
    const booking = service.request('POST', '/api/bookings', {
      key: tenant.key,
      body: { slotId: body.slots[0]?.slotId, name: 'Ann', phone: '+15005550006' },
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const stopped = service.stop();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await locked.query('COMMIT');
    expect((await booking).status).toBe(201);
    expect(await stopped).toBe(0);
    expect(await database.query('SELECT status FROM booking')).toEqual([{ status: 'confirmed' }]);
    await locked.end();
    await google.stop();
    await database.drop();
  });
});
