import { anyOf, plainText } from './plain-text.js';

/** Names are looked up once for a locale and zone; locales come from tenants, so there has to be a bound. */
const patterns = new Map<string, RegExp>();
const MOST_PATTERNS = 200;

const STYLES = ['short', 'long', 'shortGeneric', 'longGeneric'] as const;
/** One day of each half of the year, for both of a zone's times. */
const SEASONS = [Date.UTC(2027, 0, 15), Date.UTC(2027, 6, 15)];

/**
 * The text, plain, without the names of the tenant's own zone: agents are told "3 PM Eastern Time", and say it back. Another
 * zone's stays, and is not understood.
 */
export function withoutZone(
  text: string,
  { locale, timezone }: { locale: string; timezone: string },
): string {
  const key = `${locale} ${timezone}`;
  let pattern = patterns.get(key);
  if (pattern === undefined) {
    const names = STYLES.flatMap((style) =>
      [locale, 'en-US'].flatMap((language) =>
        SEASONS.map((instant) => zoneName(language, timezone, style, instant)),
      ),
    );
    const areas = names.map((name) => name.replace(/ (?:standard |daylight |summer )?time$/, ''));
    const all = new Set([...names, ...areas, plainText(timezone)].filter((name) => name !== ''));
    pattern = new RegExp(`(?<![\\p{L}\\p{N}])\\(?${anyOf([...all])}\\)?(?![\\p{L}\\p{N}:])`, 'gu');
    if (patterns.size >= MOST_PATTERNS) patterns.clear();
    patterns.set(key, pattern);
  }
  return text.replace(pattern, ' ');
}

function zoneName(
  locale: string,
  timeZone: string,
  timeZoneName: (typeof STYLES)[number],
  instant: number,
): string {
  const parts = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName }).formatToParts(instant);
  return plainText(parts.find(({ type }) => type === 'timeZoneName')?.value ?? '');
}
