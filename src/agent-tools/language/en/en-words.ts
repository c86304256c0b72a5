import type { SpokenClock } from '../spoken-clock.js';

/** "Wednesday, January 21 at 2 PM" @param isLast of the times in a sentence, which names the zone for all */
export function englishLabel(clock: SpokenClock, start: number, isLast = true): string {
  return `${clock.day(clock.dateOf(start))} at ${englishTimes(clock, [start], isLast)}`;
}

/** "2 PM, 3 PM and 4 PM"; with the zone's name where the caller's is another: "2 PM and 3 PM Eastern Time". */
export function englishTimes(clock: SpokenClock, starts: readonly number[], isLast = true): string {
  const [first] = starts;
  const zone = first === undefined || !isLast ? null : clock.zoneName(first);
  const times = englishList(starts.map((start) => clock.time(start)));
  return zone === null ? times : `${times} ${zone}`;
}

export function englishList(items: readonly string[], conjunction: 'and' | 'or' = 'and'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${conjunction} ${items.at(-1)}`;
}

/** Where the items hold commas themselves: "Monday, June 8 at 2 PM, or Tuesday, June 9 at 3 PM". */
export function englishLongList(items: readonly string[], conjunction: 'and' | 'or'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')}, ${conjunction} ${items.at(-1)}`;
}

/** What models and callers put where a name is asked for, which is none. Models write it in English in any language. */
export const ENGLISH_NOT_NAMES: readonly string[] = [
  ...['yes', 'yeah', 'yep', 'yup', 'no', 'nope', 'ok', 'okay', 'sure', 'hello', 'hi', 'thanks', 'thank you'],
  ...['user', 'the user', 'caller', 'the caller', 'unknown caller', 'new caller', 'phone caller', 'unknown'],
  ...['customer', 'the customer', 'unknown customer', 'new customer', 'client', 'the client', 'new client'],
  ...[
    'patient',
    'the patient',
    'new patient',
    'guest',
    'the guest',
    'person',
    'somebody',
    'someone',
    'anonymous',
  ],
  ...['name', 'your name', 'my name', 'the name', 'first name', 'last name', 'full name', 'first last'],
  ...[
    'caller name',
    'callers name',
    'customer name',
    'customers name',
    'client name',
    'user name',
    'username',
  ],
  ...[
    'patient name',
    'guest name',
    'first name last name',
    'firstname lastname',
    'unnamed',
    'me',
    'myself',
    'same',
  ],
  ...['unknown user', 'unknown name', 'no name', 'name unknown', 'not given', 'human', 'speaker', 'callers'],
];
