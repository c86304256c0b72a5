/** What others need to know of a calendar in which something changed. */
export interface ChangedCalendar {
  readonly id: string;
  readonly deleted: boolean;
}

/** What a calendar needs to know of the stand-in around it. */
export interface Surroundings {
  /** Epoch milliseconds. */
  now: () => number;
  origin: () => string;
  /** How many reads see a new conference as `pending`. */
  meetPendingReads: number;
  /** Called after each change of an event: channels are told and the state is written. */
  changed: (calendar: ChangedCalendar) => void;
}
