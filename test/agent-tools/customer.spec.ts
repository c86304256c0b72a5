import { conversation } from '../../src/agent-tools/conversation.js';
import { readCustomer } from '../../src/agent-tools/asked/customer.js';
import { english } from '../../src/agent-tools/language/en/en.js';
import { spanish } from '../../src/agent-tools/language/es/es.js';
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
    ['+52 1 55 1409 8825', '+525514098825'],
    ['011 44 20 7946 0018', '+442079460018'],
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
    // Each with its own prefix for calls abroad.
    ['001 1 415 555 0123', 'Asia/Singapore', 'en-SG', '+14155550123'],
    ['001 1 415 555 0123', 'Asia/Hong_Kong', 'en-HK', '+14155550123'],
    ['001 44 20 7946 0018', 'Asia/Bangkok', 'th-TH', '+442079460018'],
    ['002 1 415 555 0123', 'Asia/Seoul', 'ko-KR', '+14155550123'],
    ['0011 1 415 555 0123', 'Australia/Sydney', 'en-AU', '+14155550123'],
    ['009 1 415 555 0123', 'America/Bogota', 'es-CO', '+14155550123'],
    ['010 1 415 555 0123', 'Asia/Tokyo', 'ja-JP', '+14155550123'],
    ['00 1 415 555 0123', 'Europe/Madrid', 'es-ES', '+14155550123'],
    ['0049 30 12345678', 'Australia/Sydney', 'en-AU', '+493012345678'],
    ['+52 1 55 1234 5678', 'America/Mexico_City', 'es-MX', '+525512345678'],
    ['+5215512345678', 'America/New_York', 'en-US', '+525512345678'],
    ['415 555 0123', 'UTC', 'en', undefined],
  ])('takes %j of a tenant in %s with %s for %s', (text, timezone, locale, number) => {
    expect(phoneNumber(text, { timezone, locale })).toBe(number);
  });
});

describe('phone numbers as they are heard', () => {
  it.each([
    ['four one five, five five five, oh one two three', '+14155550123'],
    ['four one five double five five oh one two three', '+14155550123'],
    ['plus one four one five triple five zero one two three', '+14155550123'],
    ['four fifteen, five fifty five, zero one twenty three', '+14155550123'],
    ['eight hundred, five five five, oh one two three', '+18005550123'],
    ['my number is 415-555-0123', '+14155550123'],
    ['area code 415, then 555 0123', '+14155550123'],
    ['it is 4 1 5 5 5 5 0 1 2 3', '+14155550123'],
    ['tel:+14155550123', '+14155550123'],
    // An extension is no part of the number.
    ['415 555 0123 extension 12', '+14155550123'],
    ['415 555 0123 x12', '+14155550123'],
    ['five five five, oh one two three', undefined],
    ['one two three', undefined],
    ['the same as last time', undefined],
  ])('of %j makes %s', (said, number) => {
    expect(phoneNumber(english.readPhone(said), american)).toBe(number);
  });

  it.each([
    ['seiscientos doce, trescientos cuarenta y cinco, seiscientos setenta y ocho', '+34612345678'],
    ['seis doce, treinta y cuatro, cincuenta y seis, setenta y ocho', '+34612345678'],
    ['más treinta y cuatro, seis uno dos tres cuatro cinco seis siete ocho', '+34612345678'],
    ['doble seis uno dos tres cuatro cinco seis siete', '+34661234567'],
    ['más uno, cuatro uno cinco, cinco cinco cinco, cero uno dos tres', '+14155550123'],
    ['612 34 56 78', '+34612345678'],
    ['no lo sé', undefined],
  ])('of %j makes %s in Spain', (said, number) => {
    const spain = { timezone: 'Europe/Madrid', locale: 'es-ES' };
    expect(phoneNumber(spanish.readPhone(said), spain)).toBe(number);
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
    ['anna at münchen dot de', 'anna@münchen.de'],
    ['Jürgen at münchen dot de', 'jurgen@münchen.de'],
    ['anna@münchen.de', 'anna@münchen.de'],
    ['anna at xn--mnchen-3ya.de', 'anna@xn--mnchen-3ya.de'],
    ['anna', undefined],
    ['anna at example', undefined],
    ['a@b@c.com', undefined],
  ])('of %j makes %s', (text, address) => {
    expect(english.readEmail(text)).toBe(address);
  });

  it.each([
    ['a n n a at gmail dot com', 'anna@gmail.com'],
    ['A-N-N-A at gmail.com', 'anna@gmail.com'],
    ['j as in John, o, e at example dot com', 'joe@example.com'],
    ['a for apple, n like nancy, n, a at example dot com', 'anna@example.com'],
    ['anna.lee[at]example(dot)com', 'anna.lee@example.com'],
    ['Anna Lee <anna.lee@example.com>', 'anna.lee@example.com'],
    ['"anna@example.com"', 'anna@example.com'],
    ['art for life at example dot com', undefined],
    ['anna dot lee at example dot com, all lower case', 'anna.lee@example.com'],
    ['my email is anna@example.com', 'anna@example.com'],
    ['anna twenty one at example dot com', 'anna21@example.com'],
    ['x y z one two three at example dot com', 'xyz123@example.com'],
    ['anna plus news at example dot com', 'anna+news@example.com'],
    // It may be one word, or have a dot: that is asked.
    ['anna lee at example dot com', undefined],
    ['anna at work at example dot com', undefined],
    [`${'a '.repeat(140)}at example dot com`, undefined],
  ])('of %j, as it was spelled out, makes %s', (said, address) => {
    expect(english.readEmail(said)).toBe(address);
  });

  it.each([
    ['ana arroba ejemplo punto com', 'ana@ejemplo.com'],
    ['ana guion bajo lópez arroba ejemplo punto es', 'ana_lopez@ejemplo.es'],
    ['ana guión medio b arroba ejemplo punto com punto mx', 'ana-b@ejemplo.com.mx'],
    ['mi correo es ana arroba correo punto com, todo en minúsculas', 'ana@correo.com'],
    ['josé arroba peluquería punto es', 'jose@peluqueria.es'],
    ['ana arroba münchen punto de', 'ana@münchen.de'],
    ['ana@ejemplo.es', 'ana@ejemplo.es'],
    ['a de árbol, n de noche, a, arroba ejemplo punto es', 'ana@ejemplo.es'],
    ['luz de luna arroba ejemplo punto es', undefined],
    ['ana arroba ejemplo', undefined],
  ])('of %j, said in Spanish, makes %s', (said, address) => {
    expect(spanish.readEmail(said)).toBe(address);
  });
});

describe('names', () => {
  it.each([
    ['Anna Flores', 'Anna Flores'],
    ['My name is Anna Flores', 'Anna Flores'],
    ['Anna Flores speaking', 'Anna Flores'],
    ['This is Ben.', 'Ben'],
    ['A-N-N-A', 'Anna'],
    ['J. P. Morgan', 'J. P. Morgan'],
    ['Mary-Jane O’Neil', 'Mary-Jane O’Neil'],
    ['my name is', ''],
    ['Smith, S-M-I-T-H', 'Smith'],
    ['Jon, J-O-N, Smyth, S-M-Y-T-H', 'Jon Smyth'],
    ['Flores, Ana', 'Flores, Ana'],
    ['Anna Guest', 'Anna Guest'],
    ['Yes Sir Williams', 'Yes Sir Williams'],
  ])('of %j makes %j', (said, name) => {
    expect(english.readName(said)).toBe(name);
  });

  it.each([
    ...[
      'yes',
      'Yes.',
      'user',
      'User',
      'Unknown Caller',
      'unknown_caller',
      'the caller',
      'Customer',
      'Guest',
      'me',
    ],
    ...[
      '[name]',
      '<name>',
      '{{name}}',
      '{name}',
      '(caller name)',
      '%name%',
      '$name',
      '[Customer Name]',
      'Full Name',
    ],
    ...['this is the caller', 'my name is user'],
  ])('are not taken from %j', (said) => {
    expect(english.readName(said)).toBe('');
  });

  it.each([
    ...[
      'sí',
      'Sí.',
      'usuario',
      'el usuario',
      'Cliente',
      'cliente desconocido',
      'Nombre completo',
      '[nombre]',
    ],
    ...['<nombre del cliente>', '{{nombre}}', 'user', 'Unknown Caller', 'soy yo', 'desconocido'],
    // Models write these in English in any language.
    ...['unknown', 'anonymous', 'My name', 'me', 'myself', 'First Last', 'No Name'],
  ])('are not taken from %j, in Spanish', (said) => {
    expect(spanish.readName(said)).toBe('');
  });

  it('are found in Spanish', () => {
    expect(spanish.readName('Me llamo Ana Flores')).toBe('Ana Flores');
    expect(spanish.readName('Ana Flores al habla')).toBe('Ana Flores');
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
  });

  it.each([
    ['415 555 0123 extension 12', '12'],
    ['415 555 0123 x12', '12'],
    ['4155550123x12', '12'],
    ['415 555 0123 ext 12 or so', '12'],
    ['415 555 0123 extn. number 012', '012'],
    ['four one five, five five five, oh one two three, extension four oh two', '402'],
    ['four one five, five five five, oh one two three, extension double oh two, after 5', '002'],
    ['415 555 0123', undefined],
    ['415 555 0123 ext', undefined],
    ['415 555 0123 ext 123456789012345678901', undefined],
  ])('has of %j the extension %j beside the number', (phone, phoneExtension) => {
    const { customer } = readCustomer({ name: 'Anna', phone, purpose: 'Check-up' }, talk);
    expect(customer).toEqual({ name: 'Anna', phone: '+14155550123', phoneExtension, purpose: 'Check-up' });
  });

  it('has it in Spanish too', () => {
    const talk = conversation('es-ES', 'Europe/Madrid', Date.parse('2026-11-22T15:00:00Z'));
    for (const extension of [
      'extensión treinta y dos',
      'interno 32',
      'int. 32',
      'anexo número 32',
      'ext. 32',
    ]) {
      const given = { name: 'Ana', phone: `612 34 56 78, ${extension}` };
      expect(readCustomer(given, talk).customer).toMatchObject({
        phone: '+34612345678',
        phoneExtension: '32',
      });
    }
  });

  it('comes without an address that cannot be read', () => {
    const given = { name: 'Anna', phone: '415 555 0123', email: 'anna' };
    expect(readCustomer(given, talk)).toEqual({
      customer: { name: 'Anna', phone: '+14155550123' },
      isPhoneAssumed: false,
      isPhoneUnread: false,
      isEmailUnread: true,
    });
  });
});
