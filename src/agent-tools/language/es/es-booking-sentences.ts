import { BookingSentences, type SpokenAppointment } from '../booking-sentences.js';
import { spanishLabel, spanishLongList } from './es-words.js';
import { spokenName } from '../spoken-name.js';

/** What is said in Spanish of holds and appointments. */
export class SpanishBookingSentences extends BookingSentences {
  held(start: number, minutes: number): string {
    const long =
      minutes === 0 ? 'por un momento' : minutes === 1 ? 'durante un minuto' : `durante ${minutes} minutos`;
    return `Le guardo el ${this.#label(start)} ${long}. ¿Se lo reservo?`;
  }

  unknownHold(): string {
    return 'Esa hora ya no la tengo guardada. ¿Qué día y a qué hora le viene bien?';
  }

  cannotHold(): string {
    return 'Ahora mismo no puedo guardarle una hora, pero sí reservarla ya. ¿La reservo?';
  }

  tooManyBookings(): string {
    return 'Ya tiene todas las citas que puedo reservar para una misma persona. Para más, pregunte a nuestro equipo, por favor.';
  }

  found(appointments: readonly SpokenAppointment[], more: boolean): string {
    const [only, ...others] = appointments;
    if (only !== undefined && others.length === 0 && !more) {
      return `Tiene una cita el ${this.#label(only.start)}, a nombre de ${spokenName(only.name)}.`;
    }
    const days = this.#labels(appointments.map(({ start }) => start)).map((label) => `el ${label}`);
    const said = more ? `${days.join(', ')}, y otras más adelante` : spanishLongList(days, 'y');
    return `Tiene citas ${said}.`;
  }

  noneFound(): string {
    return (
      'No encuentro ninguna cita próxima con el número desde el que llama. ' +
      '¿Tiene la referencia de la reserva?'
    );
  }

  askReference(): string {
    return '¿Me puede decir la referencia de su reserva? Son seis letras y cifras.';
  }

  unknownReference(): string {
    return 'No encuentro ninguna cita con esa referencia. ¿Me la puede repetir, letra por letra?';
  }

  tooManyReferences(): string {
    return 'Ahora mismo no puedo buscar más referencias. Vuelva a llamar, por favor, desde el número con el que reservó.';
  }

  which(starts: readonly number[]): string {
    const [first, ...others] = this.#labels(starts).map((label) => `la del ${label}`);
    const days = [first?.replace(/^la/, 'la cita') ?? '', ...others].map((day) => `a ${day}`);
    return `¿Se refiere ${spanishLongList(days, 'o')}?`;
  }

  corrected({ start, name }: SpokenAppointment): string {
    return `He corregido su cita del ${this.#label(start)}. Está a nombre de ${spokenName(name)}.`;
  }

  renamed({ start, name }: SpokenAppointment, nameBefore: string): string {
    const names = `${spokenName(name)} en lugar de ${spokenName(nameBefore)}`;
    return `La cita del ${this.#label(start)} está ahora a nombre de ${names}.`;
  }

  unchanged({ start, name }: SpokenAppointment): string {
    const booked = `Tiene reservado el ${this.#label(start)}, a nombre de ${spokenName(name)}.`;
    return `${booked} No he podido cambiar los demás datos.`;
  }

  alreadyYours({ start, name }: SpokenAppointment): string {
    const has = `Ya tiene una cita el ${this.#label(start)}, a nombre de ${spokenName(name)}.`;
    return `${has} ¿Se refiere a esa, o prefiere otra hora?`;
  }

  moved({ start, name }: SpokenAppointment): string {
    return `Su cita es ahora el ${this.#label(start)}. Está a nombre de ${spokenName(name)}.`;
  }

  cancelled({ start, name }: SpokenAppointment): string {
    return `La cita del ${this.#label(start)}, a nombre de ${spokenName(name)}, queda cancelada.`;
  }

  alreadyCancelled(start: number): string {
    return `La cita del ${this.#label(start)} está cancelada. ¿Quiere una nueva?`;
  }

  over(start: number): string {
    return `La cita del ${this.#label(start)} ya pasó. ¿Quiere una nueva?`;
  }

  #labels(starts: readonly number[]): string[] {
    return starts.map((start, index) => spanishLabel(this.clock, start, index === starts.length - 1));
  }

  #label(start: number): string {
    return spanishLabel(this.clock, start);
  }
}
