import { startTestApp, type TestApp } from '../support/test-app.js';
import { aReceptionist, coming, type Heard, type PhoneCall, rest, spoken } from './on-the-phone.js';

const wednesday = coming(3);
const thursday = coming(4);
const anasNumber = '+14155550123';
const bensNumber = '+14155550777';

let service: TestApp;
let receptionist: PhoneCall;
let ana: PhoneCall;
let ben: PhoneCall;
let withheld: PhoneCall;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  receptionist = await aReceptionist(service);
  ana = receptionist.from(anasNumber);
  ben = receptionist.from(bensNumber);
  withheld = receptionist.from(null);
});
afterAll(() => service.close());

async function booked(call: PhoneCall, date: string, time: string, name = 'Ana Flores'): Promise<string> {
  const answer = await call.say('create_booking', { name, date, time });
  expect(answer).toMatchObject({ ok: true });
  return answer.booking?.reference ?? '';
}

async function statusOf(reference: string): Promise<{ status: string; startsAt: string } | undefined> {
  const { items } = await rest<{ items: { status: string; startsAt: string }[] }>(
    service,
    receptionist.tenant,
    'GET',
    `/api/bookings?reference=${reference}`,
  );
  return items[0];
}

async function becomes(reference: string, sql: string): Promise<void> {
  await service.database.query(`UPDATE booking SET ${sql} WHERE tenant_id = $1 AND reference = $2`, [
    receptionist.tenant.id,
    reference,
  ]);
}

const over = `status = 'completed'`;
const past = `starts_at = starts_at - interval '60 days', ends_at = ends_at - interval '60 days',
  blocked = tstzrange(lower(blocked) - interval '60 days', upper(blocked) - interval '60 days')`;

const unknown = {
  ok: false,
  code: 'unknown_booking',
  say: "I can't find an appointment with that reference. Could you read it to me again, one letter at a time?",
};
const asksReference = {
  ok: false,
  code: 'missing_information',
  missing: ['reference'],
  say: 'May I have your booking reference? It has six letters and digits.',
};
const none = {
  ok: false,
  code: 'unknown_booking',
  say: "I can't find an upcoming appointment under the number you're calling from. Do you have the booking reference?",
};

describe('find_booking', () => {
  it('knows callers by the number that they call from', async () => {
    const reference = await booked(ana, wednesday, '2 PM');
    expect(await ana.say('find_booking')).toMatchObject({
      ok: true,
      say: `You have an appointment on ${spoken(wednesday)} at 2 PM, under the name Ana Flores.`,
      bookings: [
        {
          reference,
          status: 'confirmed',
          starts_at: expect.stringContaining(`${wednesday}T14:00:00`) as string,
          label: `${spoken(wednesday)} at 2 PM`,
          name: 'Ana Flores',
          service: expect.any(String) as string,
          resource: expect.any(String) as string,
        },
      ],
    });
  });

  it('reads the number however the platform writes it', async () => {
    await booked(ana, wednesday, '2 PM');
    for (const number of [
      '4155550123',
      '(415) 555-0123',
      'sip:+14155550123@carrier.example;user=phone',
      'tel:+1-415-555-0123',
    ]) {
      expect(await receptionist.from(number).say('find_booking')).toMatchObject({ ok: true });
    }
  });

  it.each([null, '', 'anonymous', 'Unknown', 'sip:anonymous@anonymous.invalid', 'restricted', '+266696687'])(
    'asks for the reference where the number is %j',
    async (number) => {
      expect(await receptionist.from(number).say('find_booking')).toMatchObject(asksReference);
    },
  );

  it('says three of many and gives all', async () => {
    for (const time of ['9 AM', '10 AM', '11 AM', '1 PM']) await booked(ana, wednesday, time);
    const answer = await ana.say('find_booking');
    expect(answer.say).toBe(
      `You have appointments on ${spoken(wednesday)} at 9 AM, ${spoken(wednesday)} at 10 AM, ` +
        `${spoken(wednesday)} at 11 AM, and others after that.`,
    );
    expect(answer.bookings).toHaveLength(4);
  });

  it('does not count what is over or cancelled', async () => {
    await becomes(await booked(ana, wednesday, '9 AM'), over);
    await becomes(await booked(ana, wednesday, '10 AM'), past);
    await ana.say('cancel_booking', { reference: await booked(ana, wednesday, '11 AM') });
    expect(await ana.say('find_booking')).toMatchObject(none);
  });

  it('finds whatever became of it by its reference, however it is said', async () => {
    const reference = await booked(ana, wednesday, '2 PM');
    const nato = {
      A: 'alpha',
      C: 'charlie',
      D: 'delta',
      E: 'echo',
      F: 'foxtrot',
      G: 'golf',
      H: 'hotel',
      J: 'juliet',
    };
    const more = {
      K: 'kilo',
      M: 'mike',
      N: 'november',
      P: 'papa',
      Q: 'quebec',
      R: 'romeo',
      T: 'tango',
      W: 'whiskey',
    };
    const last = { X: 'x-ray', Y: 'yankee', 3: 'three', 4: 'four', 6: 'six', 7: 'seven', 9: 'niner' };
    const words: Record<string, string> = { ...nato, ...more, ...last };
    const letters = Array.from(reference);
    for (const said of [
      reference,
      reference.toLowerCase(),
      letters.join(' '),
      letters.join('-').toLowerCase(),
      letters.join(', '),
      letters.map((letter) => words[letter]).join(' '),
      `my reference is ${reference.slice(0, 3)} ${reference.slice(3)}.`,
      letters
        .map((letter) => (/\d/.test(letter) ? letter : `${letter} as in ${words[letter]?.replace('-', '')}`))
        .join(', '),
    ]) {
      expect([said, await withheld.say('find_booking', { reference: said })]).toMatchObject([
        said,
        { ok: true },
      ]);
    }
    await becomes(reference, over);
    expect(await withheld.say('find_booking', { reference })).toMatchObject({
      say: `The appointment on ${spoken(wednesday)} at 2 PM is over. Would you like a new one?`,
    });
    await becomes(reference, `status = 'cancelled', cancelled_at = now()`);
    expect(await withheld.say('find_booking', { reference })).toMatchObject({
      ok: true,
      say: `The appointment on ${spoken(wednesday)} at 2 PM has been cancelled. Would you like a new one?`,
      bookings: [{ status: 'cancelled' }],
    });
  });

  it.each(['ZZZZZZ', 'AAAAAA', 'the one on Tuesday', '1', 'x'.repeat(150)])(
    'knows no %j',
    async (reference) => {
      expect(await ana.say('find_booking', { reference })).toMatchObject(unknown);
    },
  );

  it('does not reach the bookings of a number that is only said', async () => {
    await booked(ana, wednesday, '2 PM');
    const claims = {
      phone: anasNumber,
      caller: anasNumber,
      from_number: anasNumber,
      call: { from_number: anasNumber },
    };
    expect(await ben.say('find_booking', claims)).toMatchObject(none);
    expect(await ben.say('cancel_booking', claims)).toMatchObject(none);
    expect(await withheld.say('cancel_booking', claims)).toMatchObject(asksReference);
  });

  it('tells nobody of a booking who only says its number and time', async () => {
    const reference = await booked(ana, wednesday, '2 PM');
    const claim = { name: 'Ben Stone', phone: anasNumber, date: wednesday, time: '2 PM' };
    for (const call of [ben, withheld]) {
      const answer = await call.say('create_booking', claim);
      expect(answer).toMatchObject({ ok: false, code: 'slot_taken' });
      expect(JSON.stringify(answer)).not.toContain(reference);
      expect(answer.say).not.toContain('Ana');
    }
    // Hers is told to the number that it is under, whatever name is heard.
    expect(
      await ana.say('create_booking', { name: 'Anna Floris', date: wednesday, time: '2 PM' }),
    ).toMatchObject({
      code: 'slot_taken',
      say:
        `You already have an appointment on ${spoken(wednesday)} at 2 PM, under the name Ana Flores. ` +
        'Is that the one you mean, or would you like another time?',
    });
    expect(await withheld.say('create_booking', { ...claim, name: 'ANA  Florès' })).toMatchObject({
      ok: true,
      booking: { reference },
    });
  });

  it('tells nobody who knows name and number which time is theirs, once it is no repetition any more', async () => {
    const reference = await booked(ana, wednesday, '2 PM');
    await service.database.query(
      `UPDATE booking SET created_at = created_at - interval '61 minutes' WHERE reference = $1`,
      [reference],
    );
    const claim = { name: 'Ana Flores', phone: anasNumber, date: wednesday, time: '2 PM' };
    for (const call of [ben, withheld]) {
      const answer = await call.say('create_booking', claim);
      expect(answer).toMatchObject({ ok: false, code: 'slot_taken' });
      expect(JSON.stringify(answer)).not.toContain(reference);
    }
    expect(await ana.say('create_booking', claim)).toMatchObject({ ok: true, booking: { reference } });
  });

  it('does not reach the bookings of another organisation', async () => {
    const elsewhere = await aReceptionist(service);
    const theirs = await elsewhere.from(anasNumber).say('create_booking', {
      name: 'Ana Flores',
      date: wednesday,
      time: '2 PM',
    });
    const reference = theirs.booking?.reference;
    for (const tool of ['find_booking', 'cancel_booking']) {
      expect(await ana.say(tool, { reference })).toMatchObject(unknown);
      expect(await ana.say(tool)).toMatchObject(none);
    }
    expect(await ana.say('reschedule_booking', { reference, date: thursday, time: '2 PM' })).toMatchObject(
      unknown,
    );
  });
});

describe('cancel_booking', () => {
  const cancelled = (time: string) => ({
    ok: true,
    say: `The appointment on ${spoken(wednesday)} at ${time}, under the name Ana Flores, is cancelled.`,
    booking: { status: 'cancelled' },
  });

  it('cancels the only one of the number that calls, with the reason, and says the same again', async () => {
    const reference = await booked(ana, wednesday, '2 PM');
    const wish = { reason: 'has a cold' };
    const five = await Promise.all(Array.from({ length: 5 }, () => ana.say('cancel_booking', wish)));
    for (const answer of [
      ...five,
      await ana.say('cancel_booking', wish),
      await ana.from(anasNumber).say('cancel_booking'),
    ]) {
      expect(answer).toMatchObject(cancelled('2 PM'));
    }
    expect(await statusOf(reference)).toMatchObject({ status: 'cancelled', cancelReason: 'has a cold' });
    expect(await ben.say('create_booking', { name: 'Ben', date: wednesday, time: '2 PM' })).toMatchObject({
      ok: true,
    });
  });

  it('goes by the reference whoever calls', async () => {
    const reference = await booked(ana, wednesday, '2 PM');
    expect(await withheld.say('cancel_booking', { reference })).toMatchObject(cancelled('2 PM'));
    expect(await withheld.say('cancel_booking', { reference })).toMatchObject(cancelled('2 PM'));
  });

  it('asks which of several, and never cancels the next one for being asked twice', async () => {
    const first = await booked(ana, wednesday, '2 PM');
    const second = await booked(ana, wednesday, '4 PM');
    const asked = await ana.say('cancel_booking');
    expect(asked).toMatchObject({
      ok: false,
      code: 'which_booking',
      say: `Do you mean the appointment on ${spoken(wednesday)} at 2 PM, or ${spoken(wednesday)} at 4 PM?`,
      bookings: [{ reference: first }, { reference: second }],
    });
    expect(await ana.say('cancel_booking', { reference: first })).toMatchObject(cancelled('2 PM'));
    expect(await ana.say('cancel_booking')).toMatchObject({
      code: 'which_booking',
      say: `Do you mean the appointment on ${spoken(wednesday)} at 4 PM?`,
    });
    expect(await statusOf(second)).toMatchObject({ status: 'confirmed' });
  });

  it('leaves alone what is over', async () => {
    const [done, gone] = [await booked(ana, wednesday, '2 PM'), await booked(ana, wednesday, '4 PM')];
    await becomes(done, over);
    await becomes(gone, past);
    for (const reference of [done, gone]) {
      expect(await ana.say('cancel_booking', { reference })).toMatchObject({
        ok: false,
        code: 'booking_over',
      });
    }
    expect(await statusOf(gone)).toMatchObject({ status: 'confirmed' });
  });
});

describe('reschedule_booking', () => {
  const atThree = { date: thursday, time: '3 PM' };
  const moved = {
    ok: true,
    say: `Your appointment is now on ${spoken(thursday)} at 3 PM. It is under the name Ana Flores.`,
    booking: { status: 'confirmed', starts_at: expect.stringContaining(`${thursday}T15:00:00`) as string },
  };
  const slot = async (call: PhoneCall) =>
    (await call.say('check_availability', { date: thursday })).slots?.find(({ starts_at }) =>
      starts_at.includes('T15'),
    )?.slot_id;

  it.each([
    ['date and time', async () => atThree],
    ['a slot', async (call: PhoneCall) => ({ slot_id: await slot(call) })],
    ['a hold', async (call: PhoneCall) => ({ hold_id: (await call.say('hold_slot', atThree)).hold?.id })],
    [
      'a time that is held for the caller',
      async (call: PhoneCall) => {
        await call.say('hold_slot', atThree);
        return atThree;
      },
    ],
  ])('moves to %s, five times at once and again later', async (_, time) => {
    const reference = await booked(ana, wednesday, '2 PM');
    const wish = await time(ana);
    const five = await Promise.all(Array.from({ length: 5 }, () => ana.say('reschedule_booking', wish)));
    for (const answer of [...five, await ana.say('reschedule_booking', { ...wish, reference })]) {
      expect(answer).toMatchObject({ ...moved, booking: { ...moved.booking, reference } });
    }
    const rows = await service.database.query(`SELECT status FROM booking WHERE tenant_id = $1`, [
      receptionist.tenant.id,
    ]);
    expect(rows).toEqual([{ status: 'confirmed' }]);
    const trail = await service.database.query(
      `SELECT FROM audit_entry WHERE tenant_id = $1 AND action = 'rescheduled'`,
      [receptionist.tenant.id],
    );
    expect(trail).toHaveLength(1);
  });

  it('offers others where the new time is taken or not offered, and stays', async () => {
    const reference = await booked(ana, wednesday, '2 PM');
    await booked(ben, thursday, '3 PM', 'Ben Stone');
    const taken = await ana.say('reschedule_booking', atThree);
    expect(taken).toMatchObject({ ok: false, code: 'slot_taken' });
    expect(taken.alternatives).toHaveLength(3);
    const night = await ana.say('reschedule_booking', { date: thursday, time: '11 PM' });
    expect(night).toMatchObject({ ok: false, code: 'outside_availability' });
    expect(night.alternatives?.length).toBeGreaterThan(0);
    expect((await statusOf(reference))?.startsAt).toContain(`${wednesday}T14`);
  });

  it('asks which of several, and for the time', async () => {
    const reference = await booked(ana, wednesday, '2 PM');
    await booked(ana, wednesday, '4 PM');
    expect(await ana.say('reschedule_booking', atThree)).toMatchObject({ code: 'which_booking' });
    expect(await ana.say('reschedule_booking', { reference, date: thursday })).toMatchObject({
      code: 'missing_information',
      missing: ['time'],
    });
    expect(await ana.say('reschedule_booking', { reference })).toMatchObject({ missing: ['day', 'time'] });
    expect(await ana.say('reschedule_booking', { reference, ...atThree })).toMatchObject(moved);
  });

  it('needs a reference or a number', async () => {
    await booked(ana, wednesday, '2 PM');
    expect(await withheld.say('reschedule_booking', atThree)).toMatchObject(asksReference);
    expect(await ben.say('reschedule_booking', atThree)).toMatchObject(none);
  });

  it('says what became of a booking that cannot be moved', async () => {
    const reference = await booked(ana, wednesday, '2 PM');
    await becomes(reference, over);
    expect(await ana.say('reschedule_booking', { reference, ...atThree })).toMatchObject({
      code: 'booking_over',
    });
    await becomes(reference, `status = 'cancelled', cancelled_at = now()`);
    expect(await ana.say('reschedule_booking', { reference, ...atThree })).toMatchObject({
      code: 'booking_cancelled',
      say: `The appointment on ${spoken(wednesday)} at 2 PM has been cancelled. Would you like a new one?`,
    });
  });

  it('moves by the rules of the booking’s own service, whichever a slot was offered for', async () => {
    const { items } = await rest<{ items: [{ id: string }] }>(
      service,
      receptionist.tenant,
      'GET',
      '/api/resources',
    );
    const long = await rest<{ id: string }>(service, receptionist.tenant, 'POST', '/api/services', {
      name: 'Root canal',
      durationMinutes: 120,
      slotStepMinutes: 60,
      resourceIds: [items[0].id],
    });
    await ana.say('create_booking', {
      name: 'Ana Flores',
      date: wednesday,
      time: '2 PM',
      service: 'root canal',
    });
    const answer: Heard = await ana.say('reschedule_booking', { slot_id: await slot(ana) });
    expect(answer).toMatchObject(moved);
    expect(answer.booking).toMatchObject({ ends_at: expect.stringContaining('T17:00') as string });
    await rest(service, receptionist.tenant, 'PATCH', `/api/services/${long.id}`, { active: false });
    expect(await ana.say('reschedule_booking', { date: thursday, time: '9 AM' })).toMatchObject({
      code: 'outside_availability',
      say: expect.stringContaining('no longer offer') as string,
    });
  });
});

describe('the day of an appointment, said in place of its reference', () => {
  it('tells which of the caller’s own is meant', async () => {
    const first = await booked(ana, wednesday, '09:00');
    const second = await booked(ana, thursday, '10:00');
    expect(await ana.say('find_booking', { reference: thursday })).toMatchObject({
      ok: true,
      bookings: [{ reference: second }],
    });
    expect(await ana.say('cancel_booking', { reference: `the one on ${thursday}` })).toMatchObject({
      ok: true,
      booking: { reference: second },
    });
    expect(await statusOf(first)).toMatchObject({ status: 'confirmed' });
  });

  it('is asked about where there is none, or more than one', async () => {
    await booked(ana, wednesday, '09:00');
    await booked(ana, wednesday, '11:00');
    for (const reference of [wednesday, thursday]) {
      expect(await ana.say('cancel_booking', { reference })).toMatchObject({
        code: 'which_booking',
        say:
          `Do you mean the appointment on ${spoken(wednesday)} at 9 AM, ` +
          `or ${spoken(wednesday)} at 11 AM?`,
      });
    }
    expect(await ana.say('cancel_booking', { reference: `${wednesday} at 11` })).toMatchObject({ ok: true });
  });

  it('says nothing of anybody else’s', async () => {
    await booked(ana, wednesday, '09:00');
    expect(await ben.say('find_booking', { reference: wednesday })).toMatchObject(unknown);
    expect(await withheld.say('find_booking', { reference: wednesday })).toMatchObject(unknown);
  });
});
