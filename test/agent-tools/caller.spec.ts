import { callerNumber } from '../../src/agent-tools/call/caller-number.js';
import { callerZones } from '../../src/agent-tools/call/caller-zones.js';
import { spokenReference } from '../../src/agent-tools/language/spoken-reference.js';

describe('the number that a platform reports', () => {
  const newYork = { timezone: 'America/New_York', locale: 'en-US' };
  const madrid = { timezone: 'Europe/Madrid', locale: 'es-ES' };

  it.each([
    ['+14155550123', newYork, '+14155550123'],
    ['14155550123', newYork, '+14155550123'],
    ['(415) 555-0123', newYork, '+14155550123'],
    ['0014155550123', madrid, '+14155550123'],
    ['612 34 56 78', madrid, '+34612345678'],
    ['tel:+1-415-555-0123', newYork, '+14155550123'],
    ['sip:+14155550123@trunk.example.com:5060;transport=tls', newYork, '+14155550123'],
    ['SIP:4155550123@10.0.0.1', newYork, '+14155550123'],
    ['"Ana" <sips:%2B14155550123@trunk.example.com>', newYork, '+14155550123'],
    ['sip:ana@example.com', newYork, null],
    ['sip:anonymous@anonymous.invalid', newYork, null],
    ['Anonymous', newYork, null],
    ['UNKNOWN', newYork, null],
    ['restricted', newYork, null],
    ['', newYork, null],
    [null, newYork, null],
    ['+266696687', newYork, null],
    ['+7378742833', newYork, null],
    ['+10000000000', newYork, null],
    ['5555555555', newYork, null],
    ['101', newYork, null],
    ['1-800-FLOWERS', newYork, null],
    ['{{customer.number}}', newYork, null],
    ['+1415555012345678901234567890', newYork, null],
  ])('%j is %j', (reported, tenant, number) => expect(callerNumber(reported, tenant)).toBe(number));
});

describe('the zones in which a caller may be', () => {
  it.each([
    ['Pacific', null, ['America/Los_Angeles']],
    ['Eastern Time', '+442079460000', ['America/New_York']],
    ['Europe/Paris', null, ['Europe/Paris']],
    ['Mars/Olympus', null, []],
    ['+05:00', null, []],
    [undefined, null, []],
    [undefined, '+442079460000', ['Europe/London']],
  ])('are, said %j and calling from %j, %j', (said, caller, zones) => {
    expect(callerZones(said, caller)).toEqual(zones);
  });

  it('are all of a country that has several', () => {
    expect(callerZones(undefined, '+14155550123')).toEqual(
      expect.arrayContaining(['America/New_York', 'America/Los_Angeles']),
    );
  });
});

describe('a reference', () => {
  it.each([
    'K7RQ4M',
    'k7rq4m',
    'K 7 R Q 4 M',
    'k-7-r-q-4-m',
    'K7R Q4M.',
    'K, 7, R, Q, 4, M',
    'kilo seven romeo quebec four mike',
    'Kilo, 7, Romeo, Quebec, 4, Mike',
    'K as in kite, seven, R as in Robert, Q as in queen, four, M as in Mary',
    'kay seven are cue four em',
    'ka siete erre cu cuatro eme',
    'K de kilo, siete, R de rosa, Q de queso, cuatro, M de mesa',
    'my reference is K7RQ4M',
    'booking reference number: K7RQ4M',
    'la referencia es K7RQ4M',
    '#K7RQ4M',
    "uh, it's K7RQ4M, please",
    'confirmation number K7RQ4M',
    'el número de reserva es K7RQ4M',
    'capital K 7 R Q 4 M',
    'k de kilo siete erre de ramón cu cuatro eme',
  ])('is heard in %j', (said) => expect(spokenReference(said)).toBe('K7RQ4M'));

  it.each(['', 'K7RQ4', 'K7RQ4MM', 'the one on Tuesday', '2c1b7f6a-5c5a-4ed3-9f3d-5b1f6f1f3a50', 'ñandú!'])(
    'is none in %j',
    (said) => expect(spokenReference(said)).toBeUndefined(),
  );
});
