import { startTestApp, type TestApp } from '../support/test-app.js';
import { aReceptionist, coming, type PhoneCall, spoken } from './on-the-phone.js';

const wednesday = coming(3);
const day = spoken(wednesday, 'es').replace(', ', ' ');

let service: TestApp;
let call: PhoneCall;

beforeAll(async () => {
  service = await startTestApp();
  call = (await aReceptionist(service)).as({ locale: 'es-MX' }).from('+14155550123');
});
afterAll(() => service.close());

describe('a conversation in Spanish', () => {
  it('asks, holds, books, finds, moves and cancels', async () => {
    const heard: string[] = [];
    const say = async (tool: string, body: object) => {
      const answer = await call.say(tool, body);
      heard.push(answer.say);
      return answer;
    };
    await say('check_availability', { date: wednesday, time_preference: 'por la mañana' });
    await say('check_availability', { date: wednesday, time: 'a las 2 de la tarde' });
    const { hold } = await say('hold_slot', { date: wednesday, time: 'a las dos de la tarde' });
    await say('create_booking', { hold_id: hold?.id });
    const { booking } = await say('create_booking', { hold_id: hold?.id, name: 'Inés Muñoz' });
    await say('find_booking', {});
    await say('reschedule_booking', { date: wednesday, time: '15:00' });
    await say('cancel_booking', { reference: Array.from(booking?.reference ?? '').join(', ') });
    await say('find_booking', { reference: booking?.reference });
    await say('list_services', {});
    await say('create_booking', { date: wednesday, time: '23:00', name: 'Inés', service: 'masaje' });
    expect(heard).toEqual([
      `El ${day} tengo libre a las 9, a las 10 y a las 11 de la mañana.`,
      `Sí, el ${day} a las 2 de la tarde está libre.`,
      `Le guardo el ${day} a las 2 de la tarde durante 3 minutos. ¿Se lo reservo?`,
      '¿Me puede decir su nombre?',
      `Su cita queda reservada para el ${day} a las 2 de la tarde. Está a nombre de Inés Muñoz.`,
      `Tiene una cita el ${day} a las 2 de la tarde, a nombre de Inés Muñoz.`,
      `Su cita es ahora el ${day} a las 3 de la tarde. Está a nombre de Inés Muñoz.`,
      `La cita del ${day} a las 3 de la tarde, a nombre de Inés Muñoz, queda cancelada.`,
      `La cita del ${day} a las 3 de la tarde está cancelada. ¿Quiere una nueva?`,
      'Ofrecemos Appointment, que dura una hora.',
      'No conozco ese tipo de cita. Ofrecemos Appointment.',
    ]);
  });

  it('offers others where a time is taken or outside the hours', async () => {
    await call.say('create_booking', { date: wednesday, time: '10:00', name: 'Inés Muñoz' });
    const other = call.from('+14155550999');
    const [taken, outside] = [
      await other.say('create_booking', { date: wednesday, time: '10:00', name: 'Óscar Ruiz' }),
      await other.say('create_booking', { date: wednesday, time: '23:00', name: 'Óscar Ruiz' }),
    ];
    expect(taken.say).toBe(
      `Lo siento, el ${day} a las 10 de la mañana ya está ocupado. ` +
        'Ese día tengo a las 9, a las 11 de la mañana y a las 12 del mediodía.',
    );
    expect(outside.say).toMatch(
      new RegExp(`^El ${day} a las 11 de la noche está fuera de nuestro horario\\. `),
    );
  });

  it('names the zone where the caller’s is another', async () => {
    const abroad = call.from('+34612345678');
    expect((await abroad.say('check_availability', { date: wednesday, time: '16:00' })).say).toBe(
      `Sí, el ${day} a las 4 de la tarde hora oriental está libre.`,
    );
    const said = await call.say('check_availability', {
      date: wednesday,
      time: '16:00',
      caller_timezone: 'Europe/Madrid',
    });
    expect(said.say).toContain('hora oriental');
    expect(said.slots?.at(-1)?.starts_at).toMatch(/T16:00:00-0[45]:00$/);
  });
});
