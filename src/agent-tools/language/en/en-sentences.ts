import type { TimePreference } from '../../../booking/engine/slot-finder.js';
import { EnglishBookingSentences } from './en-booking-sentences.js';
import { EnglishBusinessSentences } from './en-business-sentences.js';
import { englishLabel, englishList as list, englishTimes } from './en-words.js';
import {
  isOne,
  type NotOffered,
  Sentences,
  type SpokenBooking,
  type Unread,
  type SpokenOffer,
  type SpokenWish,
  type Wanted,
} from '../sentences.js';
import { spokenName, spokenNames } from '../spoken-name.js';

const WANTED: Readonly<Record<Wanted, string>> = {
  day: 'the day you would like',
  time: 'the time you would like',
  name: 'your name',
  phone: 'your phone number',
  email: 'your email address',
  purpose: 'what it is about',
  service: 'what kind of appointment you would like',
  resource: 'who you would like to see',
  preference: 'whether you prefer the morning, the afternoon or the evening',
  reference: 'your booking reference',
};

const PARTS: Readonly<Record<Exclude<TimePreference, 'any'>, string>> = {
  morning: 'in the morning',
  afternoon: 'in the afternoon',
  evening: 'in the evening',
};

const MESSAGE = 'May I take a message, with your name and number, so that we can call you back?';

/** The sentences in English. */
export class EnglishSentences extends Sentences {
  readonly bookings = new EnglishBookingSentences(this.clock);
  readonly business = new EnglishBusinessSentences(this.clock);

  label(start: number): string {
    return englishLabel(this.clock, start);
  }

  offer({ starts, more }: SpokenOffer, saying: { withYear: boolean }): string {
    const others = more ? ', among others' : '';
    const [date = '', ...otherDates] = new Set(starts.map((start) => this.clock.dateOf(start)));
    if (otherDates.length > 0) return `I have ${this.#daysWithTimes(starts, saying)}${others}.`;
    return `On ${this.clock.day(date, saying)} I have ${this.#times(starts)}${others}.`;
  }

  earliest([first = 0, ...next]: readonly number[]): string {
    const soonest = `The earliest I have is ${englishLabel(this.clock, first, next.length === 0)}`;
    if (next.length === 0) return `${soonest}.`;
    const onThatDay = next.every((start) => this.clock.dateOf(start) === this.clock.dateOf(first));
    return `${soonest}, then ${onThatDay ? this.#times(next) : this.#daysWithTimes(next)}.`;
  }

  timeIsFree(start: number): string {
    return `Yes, ${this.label(start)} is free.`;
  }

  timeIsNotFree(date: string, time: string, others: readonly number[]): string {
    const asked = `${this.clock.wallTime(time)} on ${this.clock.day(date)}`;
    return `${asked} isn't free, but I have ${this.#times(others)} that day.`;
  }

  nothingFree(wish: SpokenWish, alternatives: readonly number[]): string {
    const { dates } = wish;
    const [days, time] = [` ${this.#daysOf(wish)}`, this.#timeOf(wish)];
    // "Between Monday and Friday at 2 PM" would be until Friday at 2 PM.
    const nothing = `I have nothing free${dates.length > 2 ? `${time}${days}` : `${days}${time}`}`;
    if (alternatives.length === 0) return `${nothing} or soon after. Would you like to try another day?`;
    const asked = alternatives.filter((start) => dates.includes(this.clock.dateOf(start)));
    if (dates.length === 1 && asked.length === alternatives.length) {
      return `${nothing}, but I have ${this.#times(alternatives)} that day.`;
    }
    return `${nothing}. I could offer ${this.#daysWithTimes(alternatives)}.`;
  }

  knownAsOf(asOf: number | null): string {
    if (asOf === null) return "I couldn't check the calendar just now, so it may have changed.";
    return `That is as of ${this.label(asOf)}, as I can't see the calendar at the moment.`;
  }

  booked({ start, name, hasVideoLink, ...unread }: SpokenBooking): string {
    const link = hasVideoLink ? ', and the video link is in the booking' : '';
    const under = `The appointment is under the name ${spokenName(name)}${link}${unreadOf(unread)}.`;
    return `You're booked for ${this.label(start)}. ${under}`;
  }

  taken(start: number, alternatives: readonly number[]): string {
    const others = this.#nearest(alternatives, this.clock.dateOf(start));
    const label = englishLabel(this.clock, start, alternatives.length === 0);
    return `I'm sorry, ${label} is already taken. ${others}`;
  }

  notOffered(start: number, reason: NotOffered, alternatives: readonly number[]): string {
    const label = englishLabel(this.clock, start, alternatives.length === 0);
    const sentence: Record<NotOffered, string> = {
      in_past: `${label} has already passed.`,
      too_soon: `${label} is too soon for us to book.`,
      too_far: `${label} is further ahead than we can book.`,
      outside_hours: `${label} is outside our hours.`,
      off_grid: `Appointments don't start at ${this.clock.time(start)} on ${this.#dayOf(start)}.`,
      day_full: `${this.#dayOf(start)} is fully booked.`,
      not_offered: `We no longer offer that kind of appointment.`,
    };
    // No other day or time would do, either.
    if (reason === 'not_offered') return `${sentence.not_offered} ${MESSAGE}`;
    return `${sentence[reason]} ${this.#nearest(alternatives, this.clock.dateOf(start))}`;
  }

  noSuchTime(date: string, time: string): string {
    return (
      `The clocks change on ${this.clock.day(date)}, so there is no ${this.clock.wallTime(time)} that day. ` +
      'Which other time would you like?'
    );
  }

  askFor(wanted: readonly Wanted[]): string {
    return `May I have ${list(phrases(wanted))}?`;
  }

  whichTime(offer: SpokenOffer, wanted: readonly Wanted[]): string {
    const others = wanted.length === 0 ? '' : `, and may I have ${list(phrases(wanted))}`;
    const question = isOne(offer) ? 'Would that suit you' : 'Which time would you like';
    return `${this.offer(offer, { withYear: false })} ${question}${others}?`;
  }

  askAgain(wanted: readonly Wanted[]): string {
    return `I'm sorry, I didn't get ${list(phrases(wanted))}. Could you say that again?`;
  }

  whichDay([first, second]: readonly [string, string]): string {
    return `Do you mean ${this.clock.day(first)} or ${this.clock.day(second)}?`;
  }

  whichHalf([first, second]: readonly [string, string]): string {
    return `Do you mean ${this.clock.wallTime(first)} or ${this.clock.wallTime(second)}?`;
  }

  whichTimeHere(): string {
    const zone = this.clock.ownZoneName;
    return `${zone === null ? 'Our times are by the clock here' : `Our times are in ${zone}`}. Which time would that be?`;
  }

  dayPassed(date: string, next: string | null): string {
    const passed = `${this.clock.day(date)} has already passed.`;
    if (next === null) return `${passed} Which day would you like?`;
    return `${passed} Do you mean ${this.clock.day(next, { withYear: true })}, or another day?`;
  }

  noSuchDay(): string {
    return 'That date is not in the calendar. Which day would you like?';
  }

  dayTooFar(): string {
    return 'That is further ahead than we can book. Which day would you like?';
  }

  unknownSlot(): string {
    return "I couldn't find that time. Which day and time would you like?";
  }

  unknownService(names: readonly string[]): string {
    const offered = names.length === 0 ? '' : ` We offer ${list(spokenNames(names), 'or')}.`;
    return `I don't know that kind of appointment.${offered}`;
  }

  whichService(names: readonly string[]): string {
    return `We offer ${list(spokenNames(names))}. Which would you like?`;
  }

  unknownResource(names: readonly string[]): string {
    const there = names.length === 0 ? '' : ` There is ${list(spokenNames(names))}.`;
    return `I couldn't find who or what you asked for.${there}`;
  }

  nothingToBook(): string {
    return `There is nothing that I can book at the moment. ${MESSAGE}`;
  }

  calendarUnreadable(): string {
    return `I can't see the calendar at the moment. ${MESSAGE}`;
  }

  unknownTool(): string {
    return "I'm sorry, I can't do that here. I can look up free times and book an appointment.";
  }

  failed(): string {
    return "I'm sorry, that didn't work just now. May I try again in a moment, or take a message?";
  }

  #dayOf(start: number): string {
    return this.clock.day(this.clock.dateOf(start));
  }

  #times(starts: readonly number[]): string {
    return englishTimes(this.clock, starts);
  }

  /** "on Monday, June 8", "on Monday, June 8 or Tuesday, June 9", "between Monday, June 8 and Sunday, June 14" */
  #daysOf({ dates }: SpokenWish): string {
    const [first = '', ...others] = dates;
    const last = others.at(-1);
    if (last === undefined) return `on ${this.clock.day(first)}`;
    if (others.length === 1) return `on ${this.clock.day(first)} or ${this.clock.day(last)}`;
    return `between ${this.clock.day(first)} and ${this.clock.day(last)}`;
  }

  /** " in the morning", " at 2 PM", " between 2 PM and 4 PM" */
  #timeOf({ preference, at, notBefore, before, until }: SpokenWish): string {
    const said = (time: string) => this.clock.wallTime(time);
    if (at !== undefined) return ` at ${said(at)}`;
    const end = before ?? until;
    if (notBefore !== undefined && end !== undefined) return ` between ${said(notBefore)} and ${said(end)}`;
    if (notBefore !== undefined) return ` from ${said(notBefore)} on`;
    if (before !== undefined) return ` before ${said(before)}`;
    if (until !== undefined) return ` by ${said(until)}`;
    return preference === 'any' ? '' : ` ${PARTS[preference]}`;
  }

  #nearest(starts: readonly number[], askedDate: string): string {
    if (starts.length === 0) return 'Would you like another day or time?';
    const onThatDay = starts.every((start) => this.clock.dateOf(start) === askedDate);
    if (onThatDay) return `That day I have ${this.#times(starts)}.`;
    return `I could offer ${this.#daysWithTimes(starts)}.`;
  }

  /** "Monday, January 26 at 9 AM and 4 PM, and Tuesday, January 27 at 9 AM" */
  #daysWithTimes(starts: readonly number[], saying?: { withYear: boolean }): string {
    const days = [...Map.groupBy(starts, (start) => this.clock.dateOf(start))].map(
      ([date, ofDay], index, { length }) =>
        `${this.clock.day(date, saying)} at ${englishTimes(this.clock, ofDay, index === length - 1)}`,
    );
    // A day with several times has an "and" of its own, so a comma keeps the days apart.
    const [last = '', ...before] = days.reverse();
    if (before.length === 0) return last;
    const separator = starts.length === days.length ? ' and ' : ', and ';
    return `${before.reverse().join(', ')}${separator}${last}`;
  }
}

function phrases(wanted: readonly Wanted[]): string[] {
  const both = wanted.includes('day') && wanted.includes('time');
  const first = both ? ['the day and time you would like'] : [];
  const others = wanted.filter((what) => !(both && (what === 'day' || what === 'time')));
  return [...first, ...others.map((what) => WANTED[what])].map((phrase, index, all) =>
    all[index - 1]?.startsWith('your ') ? phrase.replace(/^your /, '') : phrase,
  );
}

function unreadOf({ isEmailUnread, isPhoneUnread }: Unread): string {
  const kept =
    isPhoneUnread === true ? `, so I kept the ${isEmailUnread === true ? 'number' : 'one'} I have` : '';
  const unread = [
    ...(isEmailUnread === true ? ['the email address'] : []),
    ...(isPhoneUnread === true ? ['the phone number'] : []),
  ].join(' or ');
  return unread === '' ? '' : `, but I couldn't make out ${unread}${kept}`;
}
