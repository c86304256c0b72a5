import type { TimePreference } from '../../booking/engine/slot-finder.js';
import type { EmailReader } from './email-address.js';
import type { ChoiceReader } from './heard-choice.js';
import type { NameReader } from './heard-name.js';
import type { Sentences } from './sentences.js';
import type { SpokenClock } from './spoken-clock.js';
import type { ExtensionReader, PhoneReader } from './spoken-phone.js';
import type { WhenReader } from './when.js';

/** Wall times `HH:MM`, half-open. */
export interface PartHours {
  notBefore: string;
  before: string;
}

const USUAL_HOURS: Readonly<Record<TimePreference, PartHours>> = {
  any: { notBefore: '00:00', before: '24:00' },
  morning: { notBefore: '00:00', before: '12:00' },
  afternoon: { notBefore: '12:00', before: '17:00' },
  evening: { notBefore: '17:00', before: '24:00' },
};

/** Which hours a part of the day is in a language. */
export function hoursOf(part: TimePreference, { partHours }: Pick<Language, 'partHours'>): PartHours {
  return partHours[part] ?? USUAL_HOURS[part];
}

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
  /** Which hours the parts of the day are, where they are others than the engine's: "por la tarde" goes on until the evening. */
  readonly partHours: Readonly<Partial<Record<TimePreference, PartHours>>>;
  readonly readPhone: PhoneReader;
  readonly readExtension: ExtensionReader;
  readonly readEmail: EmailReader;
  readonly readName: NameReader;
  readonly readChoice: ChoiceReader;
  sentences(clock: SpokenClock): Sentences;
}
