import type { EmailReader } from './email-address.js';
import type { PartOfDayReader } from './part-of-day.js';
import type { Sentences } from './sentences.js';
import type { SpokenClock } from './spoken-clock.js';
import type { DateReader } from './spoken-date.js';
import type { TimeReader } from './spoken-time.js';

/** A language that is understood and spoken. Each is one file, listed in `languages.ts`. */
export interface Language {
  /** Primary subtag of BCP 47: `en`. */
  readonly code: string;
  readonly readDate: DateReader;
  readonly readTime: TimeReader;
  readonly readPartOfDay: PartOfDayReader;
  readonly readEmail: EmailReader;
  sentences(clock: SpokenClock): Sentences;
}
