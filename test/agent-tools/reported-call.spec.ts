import { callerNumber } from '../../src/agent-tools/call/caller-number.js';
import { callInHeaders } from '../../src/agent-tools/call/reported-call.js';
import { UNKNOWN_CALL } from '../../src/agent-tools/call/voice-call.js';

describe('the headers that tell of a call', () => {
  it('give its id and both numbers', () => {
    const headers = {
      'x-call-id': 'CA123',
      'x-caller-number': '+14155550123',
      'x-called-number': '+12125550100',
    };
    expect(callInHeaders({ headers })).toEqual({
      id: 'CA123',
      caller: '+14155550123',
      dialled: '+12125550100',
    });
  });

  it('tell nothing when they are not there', () => {
    expect(callInHeaders({ headers: { authorization: 'Bearer x' } })).toEqual(UNKNOWN_CALL);
  });

  it.each(['', '  ', '{{call.id}}', '{system__conversation_id}'])('give no id for "%s"', (written) => {
    expect(callInHeaders({ headers: { 'x-call-id': written } }).id).toBeNull();
  });

  it('tell nothing where one came twice', () => {
    const headers = { 'x-caller-number': ['+14155550123', '+14155550199'] };
    expect(callInHeaders({ headers })).toEqual({ ...UNKNOWN_CALL, repeated: ['x-caller-number'] });
  });

  it('give no more than 200 characters of an id', () => {
    expect(callInHeaders({ headers: { 'x-call-id': 'a'.repeat(5000) } }).id).toBe('a'.repeat(200));
  });
});

describe('the number of a caller, as the organisation’s country writes numbers', () => {
  const numberOf = (written: string) => {
    const { caller } = callInHeaders({ headers: { 'x-caller-number': written } });
    return callerNumber(caller, { timezone: 'America/New_York', locale: 'en-US' });
  };

  it.each([
    ['+1 (415) 555-0123', '+14155550123'],
    ['sip:+14155550123@trunk.example;user=phone', '+14155550123'],
    ['tel:+14155550123', '+14155550123'],
    ['4155550123', '+14155550123'],
  ])('is read from %s as it is dialled', (written, number) => {
    expect(numberOf(written)).toBe(number);
  });

  it.each([
    ...['', ' ', 'anonymous', 'Restricted', '101', '+1', '+999999999999999999', 'call +14155550123 back'],
    ...['+14155550123, +14155550199', '{{customer.number}}', `+1${'4'.repeat(500)}`],
  ])('is none for "%s"', (written) => {
    expect(numberOf(written)).toBeNull();
  });
});
