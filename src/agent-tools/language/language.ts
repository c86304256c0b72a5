import type { EmailReader } from './email-address.js';
import type { Sentences } from './sentences.js';
import type { SpokenClock } from './spoken-clock.js';
import type { WhenReader } from './when.js';

/** A language that is understood and spoken. Each is one file, listed in `languages.ts`. */
export interface Language {
  /** Primary subtag of BCP 47: `en`. */
  readonly code: string;
  readonly readWhen: WhenReader;
  readonly readEmail: EmailReader;
  sentences(clock: SpokenClock): Sentences;
}
