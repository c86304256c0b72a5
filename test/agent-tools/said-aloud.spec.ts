import fc from 'fast-check';
import { ADMIN_KEY } from '../support/test-settings.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { BUSINESSES, Owner } from './odd-businesses.js';
import { steps } from './odd-steps.js';
import { aReceptionist, type Heard } from './on-the-phone.js';
import { faultsOf, namesZone, timesIn } from './speech-rules.js';

/* Whole conversations with every tool, whatever is asked and of whichever business: what is said must be fit to be said. */

let service: TestApp;

beforeAll(async () => {
  service = await startTestApp();
});
afterAll(() => service.close());

const STEPS = Number(process.env['SAID_STEPS'] ?? 40);
const SEED = Number(process.env['SAID_SEED'] ?? 20270119);

describe.each(BUSINESSES)('a business $is, in $timezone in $locale', ({ timezone, locale, setUp }) => {
  it('says nothing that cannot be said', async () => {
    const receptionist = await aReceptionist(service, { timezone });
    await service.request('PATCH', `/api/admin/tenants/${receptionist.tenant.id}`, {
      key: ADMIN_KEY,
      body: { locale },
    });
    await setUp?.(new Owner(service, receptionist.tenant));
    const seen: Partial<Record<string, string>> = {};
    const faults: string[] = [];
    for (const { tool, given, last, caller } of fc.sample(steps(locale), { seed: SEED, numRuns: STEPS })) {
      const body = {
        ...given,
        ...(last === 'slot' && seen['slot'] !== undefined ? { slot_id: seen['slot'] } : {}),
        ...(last === 'hold' && seen['hold'] !== undefined ? { hold_id: seen['hold'] } : {}),
        ...(last === 'reference' && seen['reference'] !== undefined ? { reference: seen['reference'] } : {}),
      };
      const { status, body: answer } = await service.request<Heard>('POST', `/api/agent-tools/${tool}`, {
        key: receptionist.tenant.key,
        body,
        headers: { 'x-call-id': 'one-call', ...(caller === null ? {} : { 'x-caller-number': caller }) },
      });
      seen['slot'] = (answer.slots ?? answer.alternatives)?.[0]?.slot_id ?? seen['slot'];
      seen['hold'] = answer.hold?.id ?? seen['hold'];
      seen['reference'] = answer.booking?.reference ?? seen['reference'];
      if (process.env['SAID_DUMP'])
        console.info(`${locale} ${tool} ${JSON.stringify(body)}\n   → ${answer.code ?? ''} ${answer.say}`);
      const broken = [...faultsOf(answer.say, locale), ...faultsIn(answer, tool, locale)];
      if (caller === null && given.caller_timezone === undefined && namesZone(answer.say)) {
        broken.push('no zone to whom may be in it');
      }
      if (status !== 200 || answer.code === 'unavailable') broken.push(`an answer, not ${status}`);
      faults.push(...broken.map((rule) => `${tool} ${JSON.stringify(body)} breaks "${rule}": ${answer.say}`));
    }
    expect(faults).toEqual([]);
  });
});

/** What is wrong with a sentence beside what else was answered. */
function faultsIn(answer: Heard, tool: string, locale: string): string[] {
  const faults: string[] = [];
  const { say, booking, slots, alternatives } = answer;
  // Beside the time, or stretch of it, that was asked for.
  if (tool !== 'get_business_info' && timesIn(say, locale) > 5) faults.push('at most three options');
  const named = (answer['named'] as string[] | undefined) ?? [];
  if (named.length > 3 || (alternatives?.length ?? 0) > 50) faults.push('at most three are named');
  for (const id of named) {
    const slot = [...(slots ?? []), ...(alternatives ?? [])].find(({ slot_id }) => slot_id === id);
    if (slot === undefined) faults.push('what is named can be booked');
  }
  if (answer.ok && booking !== undefined && tool !== 'cancel_booking') {
    const day = new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(
      new Date(booking.starts_at.slice(0, 10)),
    );
    if (!say.includes(day) || timesIn(say, locale) !== 1) faults.push('what is booked is said in full');
  }
  return faults;
}
