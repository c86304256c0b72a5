import { toIsoWithOffset } from '../booking/engine/zoned-time.js';
import type { Language } from './language/language.js';
import { languageOf, spokenLocale } from './language/languages.js';
import type { Sentences } from './language/sentences.js';
import { SpokenClock } from './language/spoken-clock.js';

/** What a tool needs to know to understand and speak: whose language, in which zone, at which moment. */
export interface Conversation {
  readonly locale: string;
  readonly timezone: string;
  /** Epoch milliseconds. One moment for the whole call, so that "today" cannot change in the midst of it. */
  readonly now: number;
  readonly clock: SpokenClock;
  readonly language: Language;
  readonly say: Sentences;
}

/** @param callerZones those in which the caller may be */
export function conversation(
  locale: string,
  timezone: string,
  now: number,
  callerZones: readonly string[] = [],
): Conversation {
  const language = languageOf(locale);
  const clock = new SpokenClock(spokenLocale(locale), timezone, now, callerZones);
  return { locale, timezone, now, clock, language, say: language.sentences(clock) };
}

/**
 * The time and date where the tenant is, for every answer: models otherwise book in the wrong year and
 * miscount weekdays.
 */
export function presentTime({ clock, timezone, now }: Conversation): {
  timezone: string;
  now: string;
  today: string;
} {
  return {
    timezone,
    now: toIsoWithOffset(Math.floor(now / 1000) * 1000, timezone),
    today: clock.day(clock.today, { withYear: true }),
  };
}
