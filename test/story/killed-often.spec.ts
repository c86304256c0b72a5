import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from './random-numbers.js';
import { ShakenService } from './shaken-service.js';

/** The same seed makes everyone do the same again, though not at the same moments. */
const SEED = Number(process.env['KILLED_OFTEN_SEED'] ?? 5);
const KILLS = 50;
const INSTANCES = 2;
const CLIENTS_EACH = 3;
/** From one kill to the next, once the killed process has been replaced. */
const LONGEST_PEACE_MS = 1_000;
const LONGEST_DELAY_MS = 150;
const LOST_ANSWERS = 0.04;
/** Always more than the requests between two kills. */
const FAULTS_AHEAD = 500;
/** What may appear in Google after all is looked for once more after a minute. */
const PATIENCE_MS = 120_000;

describe(`two processes that are killed with -9 again and again (KILLED_OFTEN_SEED=${SEED})`, () => {
  let service: ShakenService;

  beforeAll(async () => {
    console.log(`KILLED_OFTEN_SEED=${SEED}`);
    service = await ShakenService.start(INSTANCES);
    for (const name of ['acme', 'beta']) await service.addOwner(name);
  }, 60_000);
  afterAll(() => service.close());

  it('ends with every booking where it should be, in the database, in the calendar and in the mirror', async () => {
    const { google, alive } = service;
    const weather = new Random(SEED, 0);
    const faults = () => {
      google.clearFaults();
      for (let ahead = 0; ahead < FAULTS_AHEAD; ahead += 1)
        google.fault(
          weather.chance(LOST_ANSWERS)
            ? { loseAnswer: true }
            : { delayMs: 1 + weather.below(LONGEST_DELAY_MS) },
        );
    };
    const killOften = async () => {
      const random = new Random(SEED, 1);
      let replaced = Promise.resolve();
      for (let killed = 0; killed < KILLS; killed += 1) {
        await sleep(random.below(LONGEST_PEACE_MS));
        const victim = random.pick([...alive]);
        alive.delete(victim);
        await victim.kill();
        faults();
        const replacing = Promise.all([replaced, service.startProcess()]).then(() => undefined);
        // Now and then the other one goes before the replacement is there.
        if (alive.size === 0 || random.chance(0.8)) await replacing;
        replaced = replacing;
      }
      await replaced;
    };
    faults();
    await service.useWhile(killOften, CLIENTS_EACH, (...part) => new Random(SEED, ...part));
    google.clearFaults();
    await service.expireAbandonedJobs();
    expect(await service.wrongOnceSettled(PATIENCE_MS)).toEqual([]);
    expect(await service.loggedErrors()).toEqual([]);
  }, 600_000);
});
