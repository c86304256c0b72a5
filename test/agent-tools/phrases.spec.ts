import fc from 'fast-check';
import { isBookableDate, readAskedTime } from '../../src/agent-tools/asked/asked-time.js';
import { conversation } from '../../src/agent-tools/conversation.js';
import { languageOf } from '../../src/agent-tools/language/languages.js';
import { ToolRefusal } from '../../src/agent-tools/tool-refusal.js';
import { isLocalDate, localDateOf } from '../../src/booking/engine/zoned-time.js';
import { ENGLISH_PHRASES } from './phrases/en.phrases.js';
import { SPANISH_PHRASES } from './phrases/es.phrases.js';
import { meaningOf } from './phrases/reading.js';

describe.each([...ENGLISH_PHRASES, ...SPANISH_PHRASES])(
  'said on $at in $timezone in $locale',
  ({ phrases, ...saying }) => {
    it.each(phrases)('%j means %s', (said, meant) => {
      expect(meaningOf(said, saying)).toBe(meant);
    });
  },
);

describe('the table of phrases', () => {
  it('has hundreds of different ones', () => {
    const different = (sayings: typeof ENGLISH_PHRASES) =>
      new Set(sayings.flatMap(({ phrases }) => phrases.map(([said]) => said))).size;
    expect(different(ENGLISH_PHRASES)).toBeGreaterThanOrEqual(300);
    expect(different(SPANISH_PHRASES)).toBeGreaterThanOrEqual(120);
  });
});

describe('whatever is said', () => {
  const words = fc.constantFrom(
    ...ENGLISH_PHRASES.flatMap(({ phrases }) => phrases.flatMap(([said]) => said.split(' '))),
    ...SPANISH_PHRASES.flatMap(({ phrases }) => phrases.flatMap(([said]) => said.split(' '))),
  );
  const texts = fc.oneof(
    fc.array(words, { maxLength: 14 }).map((said) => said.join(' ')),
    fc.string({ unit: 'binary', maxLength: 120 }),
    fc
      .array(fc.constantFrom('1', '12', '30', '2027', '-', '/', ':', '.', ' ', 'T', 'pm', 'to'), {
        maxLength: 30,
      })
      .map((said) => said.join('')),
  );
  const moments = fc.record({
    now: fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2040-01-01') }),
    timezone: fc.constantFrom('America/New_York', 'Europe/Madrid', 'Pacific/Auckland', 'Asia/Kolkata', 'UTC'),
    locale: fc.constantFrom('en-US', 'en-GB', 'es-MX', 'es-US'),
  });
  // Fixed, so that a build does not fail by chance; PHRASES_SEED and PHRASES_RUNS look further.
  const run = {
    seed: Number(process.env['PHRASES_SEED'] ?? 20270119),
    numRuns: Number(process.env['PHRASES_RUNS'] ?? 3000),
  };

  it('reads to days that can be booked, or asks', () => {
    fc.assert(
      fc.property(texts, texts, moments, (date, time, { now, timezone, locale }) => {
        const talk = conversation(locale, timezone, now);
        try {
          const asked = readAskedTime({ date, time }, talk);
          const today = localDateOf(now, timezone);
          for (const day of asked.dates) {
            expect(day >= today && isLocalDate(day) && isBookableDate(day, today)).toBe(true);
          }
          expect(asked.dates.toSorted()).toEqual(asked.dates);
          expect((asked.notBefore ?? '00:00') < (asked.before ?? '24:00')).toBe(true);
          for (const said of [...asked.times, asked.notBefore ?? '00:00', asked.before ?? '00:00']) {
            expect(said).toMatch(/^(?:[01]\d|2[0-3]):[0-5]\d$/);
          }
        } catch (error) {
          if (!(error instanceof ToolRefusal)) throw error;
        }
      }),
      run,
    );
  });

  it('is read in a moment, however it is made up', () => {
    const hardest = [
      'a ',
      '1 ',
      '2 of ',
      '1 week ',
      'june 8 to ',
      '1/1/',
      '12:30',
      'monday or ',
      'the ',
      '9 de 9 ',
      ' ',
      '-',
      'el 5 y ',
      'january 4 ',
      '4 or ',
      'not monday ',
      'the monday one ',
      'primer dia que ',
      'within ',
    ];
    for (const piece of hardest) {
      const text = piece.repeat(10_000 / piece.length);
      for (const said of [text.slice(0, 200), text]) {
        const begun = performance.now();
        languageOf('es').readWhen(said, {
          now: Date.parse('2027-01-19T15:00:00Z'),
          timezone: 'UTC',
          locale: 'es',
        });
        // A few milliseconds; seconds where the work grows with the square of the length.
        expect(performance.now() - begun).toBeLessThan(500);
      }
    }
  });
});
