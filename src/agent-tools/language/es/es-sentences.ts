import type { TimePreference } from '../../../booking/engine/slot-finder.js';
import { SpanishBookingSentences } from './es-booking-sentences.js';
import { SpanishBusinessSentences } from './es-business-sentences.js';
import { spanishDay, spanishLabel, spanishList, spanishTime, spanishTimes } from './es-words.js';
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
  day: 'qué día quiere la cita',
  time: 'a qué hora quiere la cita',
  name: 'su nombre',
  phone: 'su número de teléfono',
  email: 'su correo electrónico',
  purpose: 'el motivo de la cita',
  service: 'qué tipo de cita quiere',
  resource: 'con quién quiere la cita',
  preference: 'si prefiere la mañana, la tarde o la noche',
  reference: 'la referencia de su reserva',
};

const PARTS: Readonly<Record<Exclude<TimePreference, 'any'>, string>> = {
  morning: 'por la mañana',
  afternoon: 'por la tarde',
  evening: 'por la noche',
};

const MESSAGE = '¿Quiere dejarme su nombre y su número para que le devolvamos la llamada?';
const WHICH_DAY = '¿Qué día le viene bien?';
const WHICH_TIME = '¿Qué día y a qué hora le viene bien?';

/** The sentences in Spanish, to callers of whom one thinks as "usted". */
export class SpanishSentences extends Sentences {
  readonly bookings = new SpanishBookingSentences(this.clock);
  readonly business = new SpanishBusinessSentences(this.clock);

  label(start: number): string {
    return spanishLabel(this.clock, start);
  }

  offer({ starts, more }: SpokenOffer, saying: { withYear: boolean }): string {
    const others = more ? ', entre otras horas' : '';
    const [date = '', ...otherDates] = new Set(starts.map((start) => this.clock.dateOf(start)));
    if (otherDates.length > 0) return `Tengo libre ${this.#daysWithTimes(starts, saying)}${others}.`;
    return `El ${this.#day(date, saying)} tengo libre ${this.#times(starts)}${others}.`;
  }

  earliest([first = 0, ...next]: readonly number[]): string {
    const label = spanishLabel(this.clock, first, next.length === 0);
    const soonest = `Lo más pronto que tengo es el ${label}`;
    if (next.length === 0) return `${soonest}.`;
    const onThatDay = next.every((start) => this.clock.dateOf(start) === this.clock.dateOf(first));
    return `${soonest}, y después ${onThatDay ? this.#times(next) : this.#daysWithTimes(next)}.`;
  }

  timeIsFree(start: number): string {
    return `Sí, el ${this.label(start)} está libre.`;
  }

  timeIsNotFree(date: string, time: string, others: readonly number[]): string {
    const asked = `El ${this.#day(date)} a ${spanishTime(time)} no está libre`;
    return `${asked}, pero ese día tengo ${this.#times(others)}.`;
  }

  nothingFree(wish: SpokenWish, alternatives: readonly number[]): string {
    const { dates } = wish;
    const [days, time] = [` ${this.#daysOf(wish)}`, timeOf(wish)];
    // "Entre el lunes y el viernes a las 2" would be until Friday at 2.
    const nothing = `No tengo nada libre${dates.length > 2 ? `${time}${days}` : `${days}${time}`}`;
    if (alternatives.length === 0) return `${nothing} ni poco después. ¿Quiere probar otro día?`;
    const asked = alternatives.filter((start) => dates.includes(this.clock.dateOf(start)));
    if (dates.length === 1 && asked.length === alternatives.length) {
      return `${nothing}, pero ese día tengo ${this.#times(alternatives)}.`;
    }
    return `${nothing}. Le puedo ofrecer ${this.#daysWithTimes(alternatives)}.`;
  }

  knownAsOf(asOf: number | null): string {
    if (asOf === null)
      return 'Ahora mismo no he podido consultar el calendario, así que puede haber cambiado.';
    return `Así estaba el ${this.label(asOf)}, porque ahora mismo no puedo ver el calendario.`;
  }

  booked({ start, name, hasVideoLink, ...unread }: SpokenBooking): string {
    const link = hasVideoLink ? ', y el enlace de video está en la reserva' : '';
    return `Su cita queda reservada para el ${this.label(start)}. Está a nombre de ${spokenName(name)}${link}${unreadOf(unread)}.`;
  }

  taken(start: number, alternatives: readonly number[]): string {
    const others = this.#nearest(alternatives, this.clock.dateOf(start));
    const label = spanishLabel(this.clock, start, alternatives.length === 0);
    return `Lo siento, el ${label} ya está ocupado. ${others}`;
  }

  notOffered(start: number, reason: NotOffered, alternatives: readonly number[]): string {
    const isLast = alternatives.length === 0;
    const label = spanishLabel(this.clock, start, isLast);
    const day = this.#day(this.clock.dateOf(start));
    const said: Record<NotOffered, string> = {
      in_past: `El ${label} ya pasó.`,
      too_soon: `El ${label} es demasiado pronto para reservar.`,
      too_far: `Todavía no podemos reservar para el ${label}.`,
      outside_hours: `El ${label} está fuera de nuestro horario.`,
      off_grid: `El ${day} no hay citas que empiecen ${spanishTimes(this.clock, [start], isLast)}.`,
      day_full: `El ${day} está completo.`,
      not_offered: 'Ya no ofrecemos ese tipo de cita.',
    };
    // No other day or time would do, either.
    if (reason === 'not_offered') return `${said.not_offered} ${MESSAGE}`;
    return `${said[reason]} ${this.#nearest(alternatives, this.clock.dateOf(start))}`;
  }

  noSuchTime(date: string, time: string): string {
    return (
      `El ${this.#day(date)} se cambia la hora, así que ese día el reloj no pasa por ${spanishTime(time)}. ` +
      '¿Qué otra hora le viene bien?'
    );
  }

  askFor(wanted: readonly Wanted[]): string {
    return `¿Me puede decir ${phrases(wanted)}?`;
  }

  whichTime(offer: SpokenOffer, wanted: readonly Wanted[]): string {
    const others = wanted.length === 0 ? '' : `, y me puede decir ${phrases(wanted)}`;
    const question = isOne(offer) ? 'Le viene bien' : 'Qué hora prefiere';
    return `${this.offer(offer, { withYear: false })} ¿${question}${others}?`;
  }

  askAgain(wanted: readonly Wanted[]): string {
    return `Lo siento, no he entendido ${phrases(wanted)}. ¿Me lo puede repetir?`;
  }

  whichDay([first, second]: readonly [string, string]): string {
    return `¿Se refiere al ${this.#day(first)} o al ${this.#day(second)}?`;
  }

  whichHalf([first, second]: readonly [string, string]): string {
    return `¿Se refiere a ${spanishTime(first)} o a ${spanishTime(second)}?`;
  }

  whichTimeHere(): string {
    const zone = this.clock.ownZoneName;
    return `${zone === null ? 'Nuestras horas son las de aquí' : `Nuestras horas son en ${zone}`}. ¿Qué hora sería?`;
  }

  dayPassed(date: string, next: string | null): string {
    const passed = `El ${this.#day(date)} ya pasó.`;
    if (next === null) return `${passed} ${WHICH_DAY}`;
    return `${passed} ¿Se refiere al ${this.#day(next, { withYear: true })}, o a otro día?`;
  }

  noSuchDay(): string {
    return `Esa fecha no existe en el calendario. ${WHICH_DAY}`;
  }

  dayTooFar(): string {
    return `Todavía no podemos reservar para tan adelante. ${WHICH_DAY}`;
  }

  unknownSlot(): string {
    return `No encuentro esa hora. ${WHICH_TIME}`;
  }

  unknownService(names: readonly string[]): string {
    const offered = names.length === 0 ? '' : ` Ofrecemos ${spanishList(spokenNames(names))}.`;
    return `No conozco ese tipo de cita.${offered}`;
  }

  whichService(names: readonly string[]): string {
    return `Ofrecemos ${spanishList(spokenNames(names))}. ¿Qué le gustaría?`;
  }

  unknownResource(names: readonly string[]): string {
    const there = names.length === 0 ? '' : ` Puede elegir ${spanishList(spokenNames(names), 'o')}.`;
    return `No encuentro lo que me pide.${there}`;
  }

  nothingToBook(): string {
    return `En este momento no hay nada que pueda reservar. ${MESSAGE}`;
  }

  calendarUnreadable(): string {
    return `En este momento no puedo ver el calendario. ${MESSAGE}`;
  }

  unknownTool(): string {
    return 'Lo siento, eso no puedo hacerlo aquí. Puedo buscar horas libres y reservar una cita.';
  }

  failed(): string {
    return 'Lo siento, ahora mismo no ha funcionado. ¿Lo intento otra vez en un momento, o prefiere dejar un mensaje?';
  }

  #day(date: string, saying?: { withYear: boolean }): string {
    return spanishDay(this.clock, date, saying);
  }

  #times(starts: readonly number[]): string {
    return spanishTimes(this.clock, starts);
  }

  #daysOf({ dates }: SpokenWish): string {
    const [first = '', ...others] = dates;
    const last = others.at(-1);
    if (last === undefined) return `el ${this.#day(first)}`;
    if (others.length === 1) return `el ${this.#day(first)} ni el ${this.#day(last)}`;
    return `entre el ${this.#day(first)} y el ${this.#day(last)}`;
  }

  #nearest(starts: readonly number[], askedDate: string): string {
    if (starts.length === 0) return '¿Quiere otro día u otra hora?';
    const onThatDay = starts.every((start) => this.clock.dateOf(start) === askedDate);
    if (onThatDay) return `Ese día tengo ${this.#times(starts)}.`;
    return `Le puedo ofrecer ${this.#daysWithTimes(starts)}.`;
  }

  /** "el lunes 25 de enero a las 9 de la mañana y a las 4 de la tarde, y el martes 26 de enero a las 9 de la mañana" */
  #daysWithTimes(starts: readonly number[], saying?: { withYear: boolean }): string {
    const days = [...Map.groupBy(starts, (start) => this.clock.dateOf(start))].map(
      ([date, ofDay], index, { length }) =>
        `el ${this.#day(date, saying)} ${spanishTimes(this.clock, ofDay, index === length - 1)}`,
    );
    const [last = '', ...before] = days.reverse();
    if (before.length === 0) return last;
    const separator = starts.length === days.length ? ' y ' : ', y ';
    return `${before.reverse().join(', ')}${separator}${last}`;
  }
}

function timeOf({ preference, at, notBefore, before, until }: SpokenWish): string {
  if (at !== undefined) return ` a ${spanishTime(at)}`;
  const end = before ?? until;
  if (notBefore !== undefined && end !== undefined) {
    return ` entre ${spanishTime(notBefore)} y ${spanishTime(end)}`;
  }
  if (notBefore !== undefined) return ` a partir de ${spanishTime(notBefore)}`;
  if (before !== undefined) return ` antes de ${spanishTime(before)}`;
  if (until !== undefined) return ` hasta ${spanishTime(until)}`;
  return preference === 'any' ? '' : ` ${PARTS[preference]}`;
}

function phrases(wanted: readonly Wanted[]): string {
  const both = wanted.includes('day') && wanted.includes('time');
  const first = both ? ['qué día y a qué hora quiere la cita'] : [];
  const others = wanted.filter((what) => !(both && (what === 'day' || what === 'time')));
  return spanishList([...first, ...others.map((what) => WANTED[what])]);
}

function unreadOf({ isEmailUnread, isPhoneUnread }: Unread): string {
  const kept = isPhoneUnread === true ? ', así que dejo el número que ya tengo' : '';
  const unread = [
    ...(isEmailUnread === true ? ['el correo electrónico'] : []),
    ...(isPhoneUnread === true ? ['el teléfono'] : []),
  ].join(' ni ');
  return unread === '' ? '' : `, pero no he entendido ${unread}${kept}`;
}
