import { appendFileSync } from 'node:fs';
import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { at, upcoming } from '../support/dates.js';
import { startService } from '../support/service-process.js';
import { aTenant, connectGoogle } from '../support/test-app.js';
import { createTestDatabase } from '../support/test-database.js';
import { CLIENT_ID, CLIENT_SECRET } from '../support/test-settings.js';
const log = (...parts: unknown[]) => appendFileSync('/tmp/scratch2.log', parts.map((p) => typeof p === 'string' ? p : JSON.stringify(p)).join(' ') + '\n');
const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms));

it('survives lost connections', async () => {
  const database = await createTestDatabase();
  const google = await GoogleStandIn.start({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
  google.addAccount({ email: 'o@acme.example', timeZone: 'America/New_York' });
  const service = await startService(database, google.origin, {}).catch((e) => { log('start failed', String(e)); throw e; });
  try {
    const app = { request: service.request, google };
    const t = await aTenant(app);
    await connectGoogle(app, t, 'o@acme.example');
    const date = upcoming(3);
    // a trigger that dawdles: the connection is checked out and busy
    const name = (await database.query<{ d: string }>('select current_database() d'))[0]!.d;
    const kill = () => database.query(`select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()`, [name]);
    await database.query(`create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.3); return new; end $$; create trigger slow before insert on booking for each row execute function slow();`);
    for (let round = 0; round < 6; round++) {
      const asks = Array.from({ length: 12 }, (_, i) => service.request<any>(i % 3 === 0 ? 'GET' : 'POST', i % 3 === 0 ? `/api/availability?date=${date}` : '/api/bookings', { key: t.key, ...(i % 3 === 0 ? {} : { body: { startsAt: at(date, `${9 + i % 8 < 10 ? '09' : 9 + i % 8}:00`), name: 'A', phone: '+14155550123' } }) }).then((a) => `${a.status} ${a.body?.code ?? ''}`, (e) => 'ERR ' + e.cause?.code));
      await sleep(20 + round * 60);
      await kill();
      log(round, await Promise.all(asks));
      await sleep(200);
    }
    await sleep(1000);
    log('ready', (await service.request<any>('GET', '/health/ready').catch((e) => ({ status: 'DEAD ' + e.cause?.code })) as any).status);
    log('output', service.output().slice(-6000));
  } finally { await service.stop(); await google.stop(); await database.drop(); }
}, 60000);
