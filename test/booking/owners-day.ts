import type { BookingView } from '../../src/booking/booking.js';
import type { ConflictPage } from '../../src/booking/conflicts/conflicts.service.js';
import type { ConnectedTenant } from '../calendar/connected-tenant.js';
import { synchronised, timesOf } from '../calendar/mirror/mirrored.js';
import { at, hoursOf } from '../support/dates.js';
import type { TestApp } from '../support/test-app.js';

/** What callers, the owner of the calendar and the dashboard do on one day, and what they then see. */
export function ownersDay(date: string, here: () => { service: TestApp; owner: ConnectedTenant }) {
  const sync = () => synchronised(here().service.database, here().owner.id);
  const instant = (time: string) => Date.parse(at(date, time));
  const book = async (time: string, body: object = {}) => {
    const answer = await here().service.request<BookingView>('POST', '/api/bookings', {
      key: here().owner.key,
      body: { startsAt: at(date, time), name: 'Ana Flores', phone: '+14155550123', ...body },
    });
    expect(answer).toMatchObject({ status: 201, body: { calendar: { status: 'synced' } } });
    return answer.body;
  };
  const get = async (id: string) =>
    (await here().service.request<BookingView>('GET', `/api/bookings/${id}`, { key: here().owner.key })).body;
  const eventOf = ({ id }: BookingView) => {
    const found = here()
      .owner.calendar.events()
      .find((event) => event.id.includes(id.replaceAll('-', '')));
    if (found === undefined) throw new Error('The booking has no event.');
    return found;
  };
  const moveEvent = (booking: BookingView, from: string, to: string) =>
    here().owner.calendar.updateEvent(eventOf(booking).id, timesOf(instant(from), instant(to)));
  const free = async () =>
    hoursOf(
      (
        await here().service.request<{ slots: { startsAt: string }[] }>(
          'GET',
          `/api/availability?date=${date}`,
          {
            key: here().owner.key,
          },
        )
      ).body.slots,
    );
  const conflicts = async (state = 'open') =>
    (
      await here().service.request<ConflictPage>('GET', `/api/conflicts?state=${state}`, {
        key: here().owner.key,
      })
    ).body.items;
  const writes = () =>
    here().service.google.requests.filter(
      ({ operation, accountEmail }) =>
        /events\.(insert|patch|delete)/.test(operation) && accountEmail === here().owner.email,
    );
  const trail = async (id: string) =>
    (
      await here().service.request<{ items: { action: string; actor: { kind: string; id: string } }[] }>(
        'GET',
        `/api/bookings/${id}/audit`,
        { key: here().owner.key },
      )
    ).body.items;

  return { sync, instant, book, get, eventOf, moveEvent, free, conflicts, writes, trail };
}
