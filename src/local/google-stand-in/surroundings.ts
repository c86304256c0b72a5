import type { Calendar } from './calendar.js';

/** What a calendar needs to know of the stand-in around it. */
export interface Surroundings {
  /** Epoch milliseconds. */
  now(): number;
  origin(): string;
  /** How many reads see a new conference as `pending`. */
  meetPendingReads: number;
  /** Called after each change of an event: channels are told and the state is written. */
  changed(calendar: Calendar): void;
}
