import { registerDecorator } from 'class-validator';
import { type Phone, toE164, toPhone } from './phone.js';

/** Long enough for a number with spaces and the longest extension. */
const LONGEST = 64;

/** Turns what reads as a phone number with country code into E.164, and leaves the rest for `IsPhone` to refuse. */
export function toNumber({ value }: { value: unknown }): unknown {
  return typeof value === 'string' && value.length <= LONGEST ? (toE164(value) ?? value) : value;
}

/** As `toNumber`, but keeps the extension, after RFC 3966: `+14155550123;ext=12`. */
export function toNumberWithExtension({ value }: { value: unknown }): unknown {
  const phone = typeof value === 'string' && value.length <= LONGEST ? toPhone(value) : undefined;
  return phone === undefined ? value : withExtension(phone);
}

export function IsPhone({ extension = false } = {}): PropertyDecorator {
  return (target, propertyName) => {
    registerDecorator({
      name: 'isPhone',
      target: target.constructor,
      propertyName: String(propertyName),
      options: { message: '$property must be a phone number with its country code, such as +14155550123' },
      validator: {
        validate: (value: unknown) => {
          if (typeof value !== 'string' || value.length > LONGEST) return false;
          const phone = toPhone(value);
          if (phone === undefined || !/^\+\d{6,15}$/.test(phone.number)) return false;
          return value === (extension ? withExtension(phone) : phone.number);
        },
      },
    });
  };
}

function withExtension({ number, extension }: Phone): string {
  return extension === undefined ? number : `${number};ext=${extension}`;
}
