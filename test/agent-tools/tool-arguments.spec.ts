import fc from 'fast-check';
import { conversation } from '../../src/agent-tools/conversation.js';
import { readArguments } from '../../src/agent-tools/tool-arguments.js';
import { strictToolSchema, toolSchema } from '../../src/agent-tools/tool-parameters.js';
import { ToolRefusal } from '../../src/agent-tools/tool-refusal.js';
import { CHECK_AVAILABILITY } from '../../src/agent-tools/tools/check-availability.tool.js';
import { CREATE_BOOKING } from '../../src/agent-tools/tools/create-booking.tool.js';
import { TOOL_SPECIFICATIONS } from '../../src/agent-tools/tools.js';

const { say } = conversation('en-US', 'America/New_York', Date.parse('2026-11-22T15:00:00Z'));
const read = (body: unknown) => readArguments(CREATE_BOOKING.parameters, body, say);

describe('the arguments of a tool', () => {
  it.each([
    ['by their names', { date: '2027-01-20', time_preference: 'morning' }],
    ['in camel case', { date: '2027-01-20', timePreference: 'morning' }],
    ['as JSON text', '{"date":"2027-01-20","timePreference":"morning"}'],
    ['in an envelope', { arguments: { date: '2027-01-20', time_preference: 'morning' } }],
    ['in an envelope as JSON text', { args: '{"date":"2027-01-20","time_preference":"morning"}' }],
    [
      'among unknown ones',
      { date: '2027-01-20', time_preference: 'morning', lk_agents_confirm_duplicate: [1] },
    ],
    [
      'with absent ones',
      { date: '2027-01-20', time_preference: 'morning', time: null, name: '', phone: 'N/A' },
    ],
    ['with spaces and control characters', { date: '\u0000 2027-01-20\n', time_preference: 'morning\ud800' }],
  ])('are read %s', (_, body) => {
    expect(read(body)).toEqual({ date: '2027-01-20', time_preference: 'morning' });
  });

  it.each([[undefined], [{}], ['{}'], [''], [{ unknown: 1 }]])('are none in %j', (body) => {
    expect(read(body)).toEqual({});
  });

  it('go by the spelling of the definition where one is given twice', () => {
    expect(read({ timePreference: 'evening', time_preference: 'morning' })).toEqual({
      time_preference: 'morning',
    });
    expect(read({ time_preference: 'morning', timePreference: 'evening' })).toEqual({
      time_preference: 'morning',
    });
    expect(read({ time_preference: null, timePreference: 'evening' })).toEqual({
      time_preference: 'evening',
    });
  });

  it('may be numbers', () => {
    expect(read({ phone: 4155550123, time: 14 })).toEqual({ phone: '4155550123', time: '14' });
  });

  it('are cut where their beginning says enough, and not within a character', () => {
    expect(read({ purpose: 'x'.repeat(5000) })['purpose']).toHaveLength(1000);
    expect(read({ purpose: 'x'.repeat(999) + '😀' })['purpose']).toHaveLength(999);
  });

  it.each([
    [
      { date: 'x'.repeat(201) },
      "I'm sorry, I didn't get the day you would like. Could you say that again?",
      ['date'],
    ],
    [{ name: {}, phone: true }, "I'm sorry, I didn't get your name. Could you say that again?", ['name']],
  ])('are asked for again when they are %j', (body, sentence, fields) => {
    const refusal = refusalOf(() => read(body));
    expect(refusal).toMatchObject({ code: 'invalid_arguments', say: sentence, details: { fields } });
  });

  it.each([
    [{ service: true }, {}],
    [{ service: ['Cleaning'] }, { service: 'Cleaning' }],
    [{ resource: { name: 'Ana Ruiz' } }, { resource: 'Ana Ruiz' }],
    [{ resource: [] }, {}],
    [{ time_preference: ['morning', 'evening'] }, {}],
    [{ time: { from: '14:00', to: '16:00' } }, {}],
    [{ email: false, phone: [4155550123] }, { phone: '4155550123' }],
    [{ date: ['2027-01-20'] }, { date: '2027-01-20' }],
  ])('that may be left out never refuse the call: %j', (body, meant) => {
    expect(read({ name: 'Anna Lee', ...body })).toEqual({ name: 'Anna Lee', ...meant });
  });

  it('may be as long as numbers are that are spelled out', () => {
    const spelled = 'plus one, four one five, five five five, zero one two three, that is my mobile';
    expect(read({ phone: spelled })).toEqual({ phone: spelled });
  });

  it.each([
    ['Sinhala', 'ශ්‍රී ලංකා'],
    ['Persian', 'امیر‌علی'],
    ['an emoji', 'Ana 👩‍⚕️'],
  ])('keep what joins the letters and signs of a name: %s', (_, name) => {
    expect(read({ name })).toEqual({ name });
  });

  it.each([
    ['An‍a', 'Ana'],
    ['‍Ana‌', 'Ana'],
    ['Ana‮', 'Ana'],
    ['4‍15', '415'],
  ])('lose joiners that join nothing: %j', (name, meant) => {
    expect(read({ name })).toEqual({ name: meant });
  });

  it.each(['a\u0301', '\u0301', '\u200d', 'a\u200d', '\u0dca\u200d', ' '])(
    'take no longer than their length allows for: %j again and again',
    (repeated) => {
      const purpose = repeated.repeat(20_000);
      const before = process.cpuUsage();
      read({ purpose });
      expect(process.cpuUsage(before).user / 1000).toBeLessThan(2000);
    },
  );

  it.each([[null], [[]], [3], [true], ['tomorrow'], ['"{}"'], ['[]']])(
    'cannot be in %j, so they are asked for',
    (body) => {
      expect(refusalOf(() => read(body))).toMatchObject({
        code: 'invalid_arguments',
        say: 'May I have your name?',
      });
      expect(refusalOf(() => readArguments(CHECK_AVAILABILITY.parameters, body, say))).toMatchObject({
        say: 'May I have the day you would like?',
      });
    },
  );

  it('are read or asked for, whatever they are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        try {
          for (const text of Object.values(read(body))) {
            expect(typeof text).toBe('string');
            expect(text).not.toBe('');
          }
        } catch (error) {
          expect(error).toBeInstanceOf(ToolRefusal);
        }
      }),
      { seed: 20260121, numRuns: 500 },
    );
  });

  it.each([
    ...['TBD', 'not specified', 'N/A', 'none', 'unknown', 'no especificado', 'ninguno', '-'],
    ...[
      'no email',
      'no email address',
      'declined',
      'Declined.',
      'prefer not to say',
      "doesn't have one",
      'no tiene',
    ],
    ...[
      'no tengo',
      'sin correo',
      'no tiene correo electrónico',
      'has no email',
      'none given',
      'no quiere dar correo',
    ],
  ])('are absent where a model writes %j', (nothing) => {
    expect(read({ date: nothing, name: 'Anna Lee', phone: nothing })).toEqual({ name: 'Anna Lee' });
  });
});

describe('the definitions of the tools', () => {
  it.each(TOOL_SPECIFICATIONS.map((tool) => [tool.name, tool] as const))(
    'of %s fit every platform',
    (name, tool) => {
      expect(name).toMatch(/^[a-z][a-z0-9_]{2,39}$/);
      const { properties, required } = toolSchema(tool.parameters);
      expect(Object.keys(properties)).toEqual(expect.arrayContaining(required));
      for (const [property, { type, description }] of Object.entries(properties)) {
        expect(property).toMatch(/^[a-z][a-z0-9_]*$/);
        expect(['string', 'integer']).toContain(type);
        expect(description).not.toBe('');
      }
    },
  );

  it('require everything and allow null for what may be left out, in strict mode', () => {
    const { properties, required, additionalProperties } = strictToolSchema(CHECK_AVAILABILITY.parameters);
    expect(required).toEqual(Object.keys(properties));
    expect(additionalProperties).toBe(false);
    expect(properties['date']?.type).toBe('string');
    expect(properties['time_preference']).toMatchObject({
      type: ['string', 'null'],
      enum: ['any', 'morning', 'afternoon', 'evening', null],
    });
  });
});

function refusalOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was refused.');
}
