import { addDays, localDateOf } from '../../src/booking/engine/zoned-time.js';
import type { TestApp, TestTenant } from '../support/test-app.js';
import { rest } from './on-the-phone.js';

/** An organisation that is called. */
export interface Business {
  is: string;
  timezone: string;
  locale: string;
  /** Makes it what it is. */
  setUp?: (owner: Owner) => Promise<void>;
}

/** Whoever sets an organisation up. */
export class Owner {
  constructor(
    private readonly service: TestApp,
    private readonly tenant: TestTenant,
  ) {}

  put(path: string, body: object): Promise<unknown> {
    return rest(this.service, this.tenant, 'PUT', path, body);
  }

  patch(path: string, body: object): Promise<unknown> {
    return rest(this.service, this.tenant, 'PATCH', path, body);
  }

  post(path: string, body: object): Promise<{ id: string }> {
    return rest(this.service, this.tenant, 'POST', path, body);
  }

  services(): Promise<{ items: { id: string; name: string }[] }> {
    return rest(this.service, this.tenant, 'GET', '/api/services');
  }

  resources(): Promise<{ items: { id: string }[] }> {
    return rest(this.service, this.tenant, 'GET', '/api/resources');
  }
}

const daily = (...hours: [start: string, end: string][]) =>
  [1, 2, 3, 4, 5, 6, 7].flatMap((day) => hours.map(([start, end]) => ({ day, start, end })));

async function changeService(owner: Owner, body: object): Promise<void> {
  const { items } = await owner.services();
  await owner.patch(`/api/services/${items[0]?.id ?? ''}`, body);
}

const ODD_NAMES = [
  '**Deep** <b>Cleaning</b> | 60_min [link](http://x.y)',
  '✂️',
  '💇‍♀️ Haircut & blow-dry 💈',
  'تنظيف الأسنان',
  'Consultation '.repeat(7).trim(),
  'Ph.D. review (v2.0)? 24/7!',
];

/** Usual ones, and such as make it hard to say something. */
export const BUSINESSES: readonly Business[] = [
  { is: 'as it begins', timezone: 'America/New_York', locale: 'en-US' },
  { is: 'as it begins', timezone: 'America/Mexico_City', locale: 'es-MX' },
  {
    is: 'open all day and night, on half hours',
    timezone: 'Europe/London',
    locale: 'en-GB',
    setUp: async (owner) => {
      await owner.put('/api/working-hours', { weekly: daily(['00:00', '24:00']), overrides: [] });
      await changeService(owner, { durationMinutes: 30, slotStepMinutes: 15 });
    },
  },
  {
    is: 'open all day and night, on half hours',
    timezone: 'Europe/Madrid',
    locale: 'es-ES',
    setUp: async (owner) => {
      await owner.put('/api/working-hours', { weekly: daily(['00:00', '24:00']), overrides: [] });
      await changeService(owner, { durationMinutes: 90, slotStepMinutes: 15 });
    },
  },
  {
    is: 'far away, closed for a week, with a siesta',
    timezone: 'Pacific/Auckland',
    locale: 'en-NZ',
    setUp: async (owner) => {
      const today = localDateOf(Date.now(), 'Pacific/Auckland');
      const overrides = [0, 1, 2, 3, 4, 5, 6].map((n) => ({ date: addDays(today, n), intervals: [] }));
      await owner.put('/api/working-hours', {
        weekly: daily(['09:00', '13:00'], ['14:30', '20:15']),
        overrides,
      });
    },
  },
  {
    is: 'in a zone of three quarters of an hour, with one appointment a day',
    timezone: 'Asia/Kathmandu',
    locale: 'en-IN',
    setUp: (owner) => changeService(owner, { maxPerDay: 1, durationMinutes: 45, minNoticeMinutes: 180 }),
  },
  {
    is: 'never open',
    timezone: 'America/Santiago',
    locale: 'es-CL',
    setUp: async (owner) => {
      await owner.put('/api/working-hours', { weekly: [], overrides: [] });
    },
  },
  {
    is: 'of oddly named services and people',
    timezone: 'America/Chicago',
    locale: 'en-US',
    setUp: async (owner) => {
      const people = ['Ana Ruiz', 'Ana López', '<i>Ana</i> 🦷 **Smith**'];
      const made = await Promise.all(people.map((name) => owner.post('/api/resources', { name })));
      const resourceIds = made.map(({ id }) => id);
      for (const name of ODD_NAMES) {
        await owner.post('/api/services', { name, durationMinutes: 60, resourceIds });
      }
      const { items } = await owner.services();
      const first = items.find(({ name }) => name === 'Appointment');
      await owner.patch(`/api/services/${first?.id ?? ''}`, { active: false });
      await owner.put('/api/business-info', {
        address: '*Main* Street 12, <Floor 3>, NY',
        phone: '+13125550100',
      });
    },
  },
  {
    is: 'of forty services, on a holiday',
    timezone: 'America/Bogota',
    locale: 'es-CO',
    setUp: async (owner) => {
      const [resource] = (await owner.resources()).items;
      const resourceIds = [resource?.id ?? ''];
      for (let n = 1; n < 40; n++) {
        const durationMinutes = 30 + 15 * (n % 6);
        await owner.post('/api/services', { name: `Ítem ${n}`, durationMinutes, resourceIds });
      }
      const date = localDateOf(Date.now(), 'America/Bogota');
      await owner.put('/api/working-hours', { weekly: daily(['13:00', '20:00']), overrides: [] });
      await owner.put('/api/holidays', { holidays: [{ date, name: '*Fiesta* 🎉 nacional' }] });
    },
  },
  {
    is: 'without any service',
    timezone: 'America/New_York',
    locale: 'en-US',
    setUp: (owner) => changeService(owner, { active: false }),
  },
];
