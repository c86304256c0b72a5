import type { TimePreference } from '../../booking/engine/slot-finder.js';
import type { EmailReader } from './email-address.js';
import type { NameReader } from './heard-name.js';
import type { Sentences } from './sentences.js';
import type { SpokenClock } from './spoken-clock.js';
import type { PhoneReader } from './spoken-phone.js';
import type { WhenReader } from './when.js';

/**
 * A language that is understood and spoken: one file, listed in `languages.ts`, beside which stand its
 * numbers, its days and times, and its sentences.
 */
export interface Language {
  /** Primary subtag of BCP 47: `en`. */
  readonly code: string;
  readonly readWhen: WhenReader;
  /** Words that name a part of the day to whoever asked for one, and something else elsewhere: "mañana". */
  readonly partsAsked: Readonly<Record<string, TimePreference>>;
  readonly readPhone: PhoneReader;
  readonly readEmail: EmailReader;
  readonly readName: NameReader;
  sentences(clock: SpokenClock): Sentences;
}
