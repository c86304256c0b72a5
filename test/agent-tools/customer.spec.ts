import { conversation } from '../../src/agent-tools/conversation.js';
import { readCustomer } from '../../src/agent-tools/customer.js';
import { english } from '../../src/agent-tools/language/en.js';
import { phoneNumber } from '../../src/agent-tools/language/phone-number.js';

const american = { timezone: 'America/New_York', locale: 'en-US' };

describe('phone numbers', () => {
  it.each([
    ['+14155550123', '+14155550123'],
    ['+1 (415) 555-0123', '+14155550123'],
    ['415-555-0123', '+14155550123'],
    ['4155550123', '+14155550123'],
    ['1 415 555 0123', '+14155550123'],
    ['(415) 555 0123', '+14155550123'],
    ['+44 20 7946 0018', '+442079460018'],
    ['0049 30 12345678', '+493012345678'],
    ['555-0123', undefined],
    ['12', undefined],
    ['', undefined],
    ['call me', undefined],
    ['+999999999999999999', undefined],
  ])('of %j makes %s for an American tenant', (text, number) => {
    expect(phoneNumber(text, american)).toBe(number);
  });

  it.each([
    ['020 7946 0018', 'Europe/London', 'en-GB', '+442079460018'],
    ['020 7946 0018', 'Europe/London', 'en-US', '+442079460018'],
    ['030 12345678', 'Europe/Berlin', 'en', '+493012345678'],
    ['98765 43210', 'Asia/Kolkata', 'en-IN', '+919876543210'],
    ['415 555 0123', 'UTC', 'en-US', '+14155550123'],
    ['415 555 0123', 'UTC', 'en', undefined],
  ])('takes %j of a tenant in %s with %s for %s', (text, timezone, locale, number) => {
    expect(phoneNumber(text, { timezone, locale })).toBe(number);
  });
});

describe('e-mail addresses', () => {
  it.each([
    ['anna@example.com', 'anna@example.com'],
    [' anna@example.com. ', 'anna@example.com'],
    ['anna at example dot com', 'anna@example.com'],
    ['Anna dot Smith at example dot co dot uk', 'anna.smith@example.co.uk'],
    ['anna underscore s at my dash shop dot com', 'anna_s@my-shop.com'],
    ['anna @ example . com', 'anna@example.com'],
    ['anna', undefined],
    ['anna at example', undefined],
    ['a@b@c.com', undefined],
  ])('of %j makes %s', (text, address) => {
    expect(english.readEmail(text)).toBe(address);
  });
});

describe('the customer', () => {
  const talk = conversation('en-US', 'America/New_York', Date.parse('2026-11-22T15:00:00Z'));

  it('is asked for what is not a name, a number or an address', () => {
    const good = { name: 'Anna', phone: '415 555 0123' };
    expect(() => readCustomer({ ...good, name: '123' }, talk)).toThrow(
      "I'm sorry, I didn't get your name. Could you say that again?",
    );
    expect(() => readCustomer({ ...good, phone: '123' }, talk)).toThrow(
      "I'm sorry, I didn't get your phone number. Could you say that again?",
    );
    expect(() => readCustomer({ ...good, email: 'anna' }, talk)).toThrow(
      "I'm sorry, I didn't get your email address. Could you say that again?",
    );
  });
});
