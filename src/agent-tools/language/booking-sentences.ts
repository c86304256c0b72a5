import type { SpokenClock } from './spoken-clock.js';

/** An appointment as it is said: start in epoch milliseconds, and under which name. */
export interface SpokenAppointment {
  start: number;
  name: string;
}

/** What is said of times that are held and of appointments that were made before. As `Sentences`, of which it is a part. */
export abstract class BookingSentences {
  constructor(protected readonly clock: SpokenClock) {}

  /** @param minutes for how long still; 0 for less than one */
  abstract held(start: number, minutes: number): string;
  /** What was named is no hold, or none any more. */
  abstract unknownHold(): string;
  /** So much is being held that nothing more can be. */
  abstract cannotHold(): string;
  /** The caller has as many to come as one caller can book. */
  abstract tooManyBookings(): string;

  /** One to three, in order. @param more whether there are others */
  abstract found(appointments: readonly SpokenAppointment[], more: boolean): string;
  /** None that is still to come, under the number that calls. */
  abstract noneFound(): string;
  /** The number that calls is not known, so the reference is needed. */
  abstract askReference(): string;
  abstract unknownReference(): string;
  /** So many wrong references were given that none is looked up for now. */
  abstract tooManyReferences(): string;
  /** Asks which of one to three is meant. */
  abstract which(starts: readonly number[]): string;

  /** What was said otherwise of an appointment that was made a moment ago is corrected. */
  abstract corrected(appointment: SpokenAppointment): string;
  /** It is somebody else's by the correction. */
  abstract renamed(appointment: SpokenAppointment, nameBefore: string): string;
  /** It is booked as it was; what was said otherwise of it is not corrected. */
  abstract unchanged(appointment: SpokenAppointment): string;
  /** The number that calls has an appointment at the time that is wished for, under another name. */
  abstract alreadyYours(appointment: SpokenAppointment): string;

  abstract moved(appointment: SpokenAppointment): string;
  abstract cancelled(appointment: SpokenAppointment): string;
  /** Asked for, it turned out to have been cancelled. */
  abstract alreadyCancelled(start: number): string;
  /** Asked for, it turned out to be over. */
  abstract over(start: number): string;
}
