/*
 * What the service is measured against: Fastify and node-postgres doing the same SQL and sending as much JSON, without
 * authentication, validation, the slot engine or anything else, over as many connections as node-postgres has by default.
 * Takes DATABASE_URL and TENANT_ID, prints its port.
 */
import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';

const tenant = process.env['TENANT_ID'] ?? '';
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] });
const server = Fastify();

interface Wish {
  startsAt: string;
  answer: object;
}

const snapshot = async (from: number, to: number): Promise<void> => {
  await pool.query('SELECT availability_snapshot($1, $2, $3, $4, $5, $6) AS result', [
    tenant,
    null,
    null,
    new Date(from),
    new Date(to),
    null,
  ]);
};

let answer = {};
server.put('/answer', (request) => {
  answer = request.body as object;
  return {};
});

// Asked by GET, or by POST with a body as agents' tools are.
server.route({
  method: ['GET', 'POST'],
  url: '/availability',
  handler: async () => {
    await snapshot(Date.now(), Date.now() + 86_400_000);
    return answer;
  },
});

server.post('/bookings', async (request, reply) => {
  const { startsAt } = request.body as Wish;
  const start = new Date(startsAt);
  const end = new Date(start.getTime() + 300_000);
  await snapshot(start.getTime(), start.getTime() + 1);
  const [resource, service] = [process.env['RESOURCE_ID'], process.env['SERVICE_ID']];
  const client = await pool.connect();
  try {
    const id = randomUUID();
    await client.query(`BEGIN; SELECT enter_tenant('${tenant}')`);
    await client.query('SELECT FROM resource WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE', [
      tenant,
      resource,
    ]);
    await client.query(
      `DELETE FROM booking WHERE tenant_id = $1 AND resource_id = $2 AND status = 'held' AND hold_expires_at <= now()
         AND blocked && tstzrange($3, $4)`,
      [tenant, resource, start, end],
    );
    await client.query(
      `WITH made AS (
         INSERT INTO booking (tenant_id, id, reference, resource_id, service_id, status, starts_at, ends_at, blocked,
           timezone, local_date, customer_name, phone, email, purpose, source)
         VALUES ($1, $2, $3, $4, $5, 'confirmed', $6, $7, tstzrange($6, $7), 'America/New_York',
           ($6::timestamptz AT TIME ZONE 'America/New_York')::date, 'Ann', '+15005550006', NULL, NULL, 'dashboard')
         RETURNING *),
       recorded AS (
         INSERT INTO audit_entry (tenant_id, booking_id, action, actor_kind, actor_id, request_id, changes)
         SELECT $1, id, 'created', 'api_key', $8, $9, $10::jsonb FROM made)
       SELECT * FROM made`,
      [
        tenant,
        id,
        id.slice(0, 12),
        resource,
        service,
        start,
        end,
        service,
        id,
        JSON.stringify({ start, end }),
      ],
    );
    await client.query(
      `INSERT INTO event_write (tenant_id, booking_id, resource_id, wanted, content, state)
       VALUES ($1, $2, $3, 'present', $4, 'not_connected') RETURNING state`,
      [tenant, id, resource, JSON.stringify({ summary: 'Ann', startsAt: start, endsAt: end })],
    );
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  return reply.status(201).send(answer);
});

console.log(new URL(await server.listen({ port: 0, host: '127.0.0.1' })).port);
process.once('SIGTERM', () => void server.close().then(() => pool.end()));
