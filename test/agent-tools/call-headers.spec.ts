import { voiceCallFrom } from '../../src/agent-tools/call/call-headers.js';
import { UNKNOWN_CALL } from '../../src/agent-tools/call/voice-call.js';

describe('the headers that tell of a call', () => {
  it('give its id and both numbers', () => {
    const headers = {
      'x-call-id': 'CA123',
      'x-caller-number': '+14155550123',
      'x-called-number': '+12125550100',
    };
    expect(voiceCallFrom(headers)).toEqual({ id: 'CA123', caller: '+14155550123', dialled: '+12125550100' });
  });

  it('tell nothing when they are not there', () => {
    expect(voiceCallFrom({ authorization: 'Bearer x' })).toEqual(UNKNOWN_CALL);
  });

  it.each([
    ['+1 (415) 555-0123', '+14155550123'],
    ['sip:+14155550123@trunk.example;user=phone', '+14155550123'],
    ['tel:+14155550123', '+14155550123'],
  ])('give %s as it is dialled', (written, number) => {
    expect(voiceCallFrom({ 'x-caller-number': written }).caller).toBe(number);
  });

  it.each([
    '',
    ' ',
    'anonymous',
    'Restricted',
    '4155550123',
    '101',
    '+1',
    '+999999999999999999',
    'call +14155550123 back',
    '+14155550123, +14155550199',
    '{{customer.number}}',
    `+1${'4'.repeat(500)}`,
  ])('give no number for "%s"', (written) => {
    expect(voiceCallFrom({ 'x-caller-number': written }).caller).toBeNull();
  });

  it.each(['', '  ', '{{call.id}}', '{system__conversation_id}'])('give no id for "%s"', (written) => {
    expect(voiceCallFrom({ 'x-call-id': written }).id).toBeNull();
  });

  it('give no more than 200 characters of an id', () => {
    expect(voiceCallFrom({ 'x-call-id': 'a'.repeat(5000) }).id).toBe('a'.repeat(200));
  });
});
