import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type BlackHole, startBlackHole } from '../support/black-hole.js';
import type { ServiceProcess } from '../support/service-process.js';
import { Random } from './random-numbers.js';
import { ShakenService } from './shaken-service.js';

const SEED = Number(process.env['CHAOS_SEED'] ?? 3);
/** Each trouble comes so often, in a random order. */
const ROUNDS = Number(process.env['CHAOS_ROUNDS'] ?? 1);
const CLIENTS_EACH = 3;
const LONGEST_PEACE_MS = 1_500;
const LONGEST_TROUBLE_MS = 6_000;
const PATIENCE_MS = 240_000;
const MINUTE = 60_000;

const NOT_GOOGLES = [
  { body: '<html><title>Error 404 (Not Found)!!1</title></html>', contentType: 'text/html' },
  { body: '{"message":"no Route matched with those values"}', contentType: 'application/json' },
];

/** Where one process runs: its way to the database, and its clock. */
interface Machine {
  database: BlackHole;
  clockShiftMs: number;
  process: ServiceProcess;
}

describe(`two instances in every trouble that machines have (CHAOS_SEED=${SEED})`, () => {
  let service: ShakenService;
  const machines: Machine[] = [];

  beforeAll(async () => {
    console.log(`CHAOS_SEED=${SEED}`);
    service = await ShakenService.start(0, { asksAgainAfter503: true });
    for (const clockShiftMs of [-5 * MINUTE, 0]) {
      const database = await startBlackHole(service.database.serviceUrl);
      machines.push({ database, clockShiftMs, process: await startOn({ database, clockShiftMs }) });
    }
    for (const name of ['acme', 'beta']) await service.addOwner(name);
  }, 90_000);
  afterAll(async () => {
    await service.close();
    for (const { database } of machines) await database.close();
  });

  it('keeps every promise: no overlap, one event for each confirmed booking, nothing acknowledged lost', async () => {
    const random = new Random(SEED, 1);
    const troubles: (() => Promise<void>)[] = [
      async () => {
        const machine = random.pick(machines);
        service.alive.delete(machine.process);
        await machine.process.kill();
        machine.process = await startOn(machine);
      },
      async () => {
        const machine = random.pick(machines);
        const stopped = machine.process.stop();
        await sleep(200);
        service.alive.delete(machine.process);
        expect(await stopped).toBe(0);
        machine.process = await startOn(machine);
      },
      async () => {
        const { process } = random.pick(machines);
        process.pause();
        await someTrouble();
        process.resume();
      },
      async () => {
        const { database } = random.pick(machines);
        database.forget();
      },
      async () => {
        const { database } = random.pick(machines);
        database.swallow();
        await someTrouble();
        database.heal();
      },
      () => databaseAway(),
      () => googleAnswers({ status: 403, reason: 'forbidden' }),
      () => googleAnswers({ status: 404, ...random.pick(NOT_GOOGLES) }),
      () =>
        googleAnswers({ status: random.pick([400, 401, 407, 409, 410, 412]), ...random.pick(NOT_GOOGLES) }),
      () => googleAnswers({ status: 404, ...random.pick(NOT_GOOGLES), share: 0.02 }),
      () => googleAnswers({ loseAnswer: true, share: 0.1 }),
      () => googleAnswers({ hang: true, share: 0.5 }),
    ];
    const someTrouble = () => sleep(LONGEST_TROUBLE_MS * (0.3 + 0.7 * random.next()));
    const googleAnswers = async (fault: Parameters<typeof service.google.fault>[0]) => {
      service.google.fault({ share: 1, seed: random.below(1_000_000), ...fault });
      await someTrouble();
      service.google.clearFaults();
    };
    const databaseAway = async () => {
      await service.database.refuseConnections();
      await someTrouble();
      await service.database.acceptConnections();
    };
    const shake = async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const trouble of random.shuffled(troubles)) {
          await sleep(random.below(LONGEST_PEACE_MS));
          await trouble();
        }
      }
    };

    await service.useWhile(shake, CLIENTS_EACH, (...part) => new Random(SEED, ...part));
    await service.expireAbandonedJobs();
    expect(await service.wrongOnceSettled(PATIENCE_MS)).toEqual([]);
    // None of them has ended by itself, and each can still be stopped in order.
    for (const { process } of machines) expect(await process.stop()).toBe(0);
  }, 900_000);

  function startOn({ database, clockShiftMs }: Omit<Machine, 'process'>): Promise<ServiceProcess> {
    return service.startProcess({
      DATABASE_URL: database.url,
      NODE_OPTIONS: `--import=${pathToFileURL('test/support/shifted-clock.mjs').href}`,
      CLOCK_SHIFT_MS: String(clockShiftMs),
    });
  }
});
