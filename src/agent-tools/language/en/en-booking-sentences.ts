import { BookingSentences, type SpokenAppointment } from '../booking-sentences.js';
import { englishLabel, englishLongList } from './en-words.js';
import { spokenName } from '../spoken-name.js';

/** What is said in English of holds and appointments. */
export class EnglishBookingSentences extends BookingSentences {
  held(start: number, minutes: number): string {
    const long =
      minutes === 0 ? 'a moment' : minutes === 1 ? 'the next minute' : `the next ${minutes} minutes`;
    return `I'm holding ${this.#label(start)} for you for ${long}. Shall I book it?`;
  }

  unknownHold(): string {
    return 'That time is not being held any more. Which day and time would you like?';
  }

  cannotHold(): string {
    return "I can't hold a time at the moment, but I can book one right away. Shall I do that?";
  }

  tooManyBookings(): string {
    return 'You already have as many appointments as I can book for one caller. For more, please ask our team.';
  }

  found(appointments: readonly SpokenAppointment[], more: boolean): string {
    const [only, ...others] = appointments;
    if (only !== undefined && others.length === 0 && !more) {
      return `You have an appointment on ${this.#label(only.start)}, under the name ${spokenName(only.name)}.`;
    }
    const days = this.#labels(appointments.map(({ start }) => start));
    const said = more ? `${days.join(', ')}, and others after that` : englishLongList(days, 'and');
    return `You have appointments on ${said}.`;
  }

  noneFound(): string {
    return (
      "I can't find an upcoming appointment under the number you're calling from. " +
      'Do you have the booking reference?'
    );
  }

  askReference(): string {
    return 'May I have your booking reference? It has six letters and digits.';
  }

  unknownReference(): string {
    return "I can't find an appointment with that reference. Could you read it to me again, one letter at a time?";
  }

  tooManyReferences(): string {
    return "I can't look up any more references right now. Please call again from the number you booked with.";
  }

  which(starts: readonly number[]): string {
    return `Do you mean the appointment on ${englishLongList(this.#labels(starts), 'or')}?`;
  }

  corrected({ start, name }: SpokenAppointment): string {
    return `I've corrected your appointment on ${this.#label(start)}. It is under the name ${spokenName(name)}.`;
  }

  renamed({ start, name }: SpokenAppointment, nameBefore: string): string {
    const names = `${spokenName(name)} instead of ${spokenName(nameBefore)}`;
    return `The appointment on ${this.#label(start)} is now under the name ${names}.`;
  }

  unchanged({ start, name }: SpokenAppointment): string {
    const booked = `You're booked for ${this.#label(start)}, under the name ${spokenName(name)}.`;
    return `${booked} I couldn't change its other details.`;
  }

  alreadyYours({ start, name }: SpokenAppointment): string {
    const has = `You already have an appointment on ${this.#label(start)}, under the name ${spokenName(name)}.`;
    return `${has} Is that the one you mean, or would you like another time?`;
  }

  moved({ start, name }: SpokenAppointment): string {
    return `Your appointment is now on ${this.#label(start)}. It is under the name ${spokenName(name)}.`;
  }

  cancelled({ start, name }: SpokenAppointment): string {
    return `The appointment on ${this.#label(start)}, under the name ${spokenName(name)}, is cancelled.`;
  }

  alreadyCancelled(start: number): string {
    return `The appointment on ${this.#label(start)} has been cancelled. Would you like a new one?`;
  }

  over(start: number): string {
    return `The appointment on ${this.#label(start)} is over. Would you like a new one?`;
  }

  #labels(starts: readonly number[]): string[] {
    return starts.map((start, index) => englishLabel(this.clock, start, index === starts.length - 1));
  }

  #label(start: number): string {
    return englishLabel(this.clock, start);
  }
}
