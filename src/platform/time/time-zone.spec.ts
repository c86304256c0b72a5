import { isTimeZone } from './time-zone.js';

describe('isTimeZone', () => {
  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'America/Port-au-Prince', 'Etc/GMT+5'])(
    'knows %s',
    (zone) => {
      expect(isTimeZone(zone)).toBe(true);
    },
  );

  it.each(['Asia/Calcutta', 'US/Eastern', 'Europe/Kiev', 'GB', 'EST5EDT'])('knows the alias %s', (zone) => {
    expect(isTimeZone(zone)).toBe(true);
  });

  it.each([
    '+02:00',
    '+02',
    'PST',
    'SystemV/PST8',
    'Mars/Olympus',
    'europe/berlin',
    'EUROPE/BERLIN',
    'Z',
    '',
    ' UTC',
  ])('refuses "%s"', (zone) => {
    expect(isTimeZone(zone)).toBe(false);
  });
});
