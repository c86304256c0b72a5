import type { Weekday } from '../../../booking/engine/zoned-time.js';
import {
  BusinessSentences,
  isAllDay,
  isAlwaysOpen,
  type SpokenHours,
  type SpokenService,
  type SpokenToday,
  type SpokenWeekdays,
} from '../business-sentences.js';
import { spanishDay, spanishList, spanishTime } from './es-words.js';
import { spokenAddress, spokenName } from '../spoken-name.js';

const DAYS: Readonly<Record<Weekday, string>> = {
  1: 'lunes',
  2: 'martes',
  3: 'miércoles',
  4: 'jueves',
  5: 'viernes',
  6: 'sábado',
  7: 'domingo',
};
const PLURALS = { ...DAYS, 6: 'sábados', 7: 'domingos' };

/** What is said in Spanish of an organisation. */
export class SpanishBusinessSentences extends BusinessSentences {
  services(services: readonly SpokenService[], more: boolean): string {
    const said = services.map(
      ({ name, minutes }) => `${spokenName(name) || 'una cita'}, que dura ${durationOf(minutes)}`,
    );
    const [only, ...others] = said;
    if (only !== undefined && others.length === 0 && !more) return `Ofrecemos ${only}.`;
    const all = more ? `${said.join('; ')}; y más` : said.join('; ');
    return `Ofrecemos ${all}. ¿Cuál le interesa?`;
  }

  hours(name: string, week: readonly SpokenWeekdays[] | null, today: SpokenToday): string {
    const present = presentOf(today);
    if (week === null) return `${present} ¿De qué día quiere saber el horario?`;
    const open = week.filter(({ hours }) => hours.length > 0);
    if (open.length === 0) return `${spokenName(name)} no tiene horario fijo. ${present}`;
    const [first] = open;
    if (first?.days.length === 7 && isAlwaysOpen(open)) {
      return `${spokenName(name)} abre las 24 horas, todos los días. ${present}`;
    }
    const days = open.map(({ days, hours }) => `${daysOf(days)} ${stretches(hours)}`);
    const zone = isAlwaysOpen(open) ? null : this.clock.zoneName(this.clock.now);
    const said = zone === null ? days.join(', y ') : `${days.join(', y ')} ${zone}`;
    return `${spokenName(name)} abre ${said}. ${present}`;
  }

  address(address: string): string {
    return `Estamos en ${spokenAddress(address)}.`;
  }

  phone(phone: string): string {
    return `Nuestro número de teléfono es el ${phone}.`;
  }

  now(): string {
    const { today, now } = this.clock;
    const time = spanishTime(this.clock.wallTimeOf(now));
    const are = time.startsWith('la ') ? 'es' : 'son';
    return `Hoy es ${spanishDay(this.clock, today, { withYear: true })}, y aquí ${are} ${time}.`;
  }

  notKnown(): string {
    return 'Ese dato no lo tengo aquí. ¿Quiere dejar un mensaje para que le devuelvan la llamada?';
  }
}

function presentOf({ hours, isSpecial, holiday, isOpen, openUntil, opensAt }: SpokenToday): string {
  const occasion = holiday === null ? '' : `, ${spokenName(holiday)},`;
  if (isSpecial && hours.length === 0) return `Hoy${occasion} está cerrado.`;
  if (isSpecial) return `Hoy${occasion} hay un horario especial, ${stretches(hours)}.`;
  if (openUntil !== null) return `Ahora está abierto, hasta ${spanishTime(openUntil)}.`;
  if (isOpen) return 'Ahora está abierto.';
  if (opensAt !== null) return `Ahora está cerrado, y hoy abre a ${spanishTime(opensAt)}.`;
  return 'Ahora está cerrado.';
}

function stretches(hours: readonly SpokenHours[]): string {
  return spanishList(
    hours.map(({ start, end }) =>
      isAllDay({ start, end }) ? 'todo el día' : `de ${spanishTime(start)} a ${spanishTime(end)}`,
    ),
  );
}

/** "de lunes a viernes", "los lunes, miércoles y viernes" */
function daysOf(days: readonly Weekday[]): string {
  const [first, last] = [days[0], days.at(-1)];
  if (days.length === 7) return 'todos los días';
  const isRun = first !== undefined && last !== undefined && last - first === days.length - 1;
  if (isRun && days.length > 2) return `de ${DAYS[first]} a ${DAYS[last]}`;
  return `los ${spanishList(days.map((day) => PLURALS[day]))}`;
}

/** "media hora", "45 minutos", "una hora y media", "2 horas" */
function durationOf(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (minutes === 30) return 'media hora';
  if (hours === 0) return `${minutes} minutos`;
  const whole = hours === 1 ? 'una hora' : `${hours} horas`;
  if (rest === 0) return whole;
  return rest === 30 ? `${whole} y media` : `${whole} y ${rest} minutos`;
}
