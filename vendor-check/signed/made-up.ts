/* Nobody's: numbers are of the ranges that are kept free for films, ids and secrets are made up. */

/** When all of it happens. */
export const NOW = Date.UTC(2026, 10, 30, 15, 4, 5, 678);

export const CALLER = '+14155550132';
export const DIALLED = '+14155550100';

const CONNECTION = '7d0f2a54-4c1e-4b7c-9a55-0d6b8f3f2e11';

/** The address that a platform calls. */
export function address(platform: string, action = '', query = ''): string {
  return `https://calendar.example.com/api/voice/${platform}/${CONNECTION}${action && `/${action}`}${query}`;
}

export const AVAILABILITY = { date: 'next Tuesday', time_preference: 'afternoon' };

/** With what JSON may write in two ways: a re-serialised body has other bytes. */
export const BOOKING = {
  date: '2026-12-01',
  time: '15:00',
  name: 'Zoë Müller',
  phone: CALLER,
  purpose: 'A check-up – "the usual" / no rush',
};

/** JSON as Python writes it, which much of what voice platforms run on is: spaces, and nothing beyond ASCII. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([name, item]) => `${pythonJson(name)}: ${pythonJson(item)}`)
      .join(', ')}}`;
  }
  return JSON.stringify(value).replace(
    /[^\0-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
