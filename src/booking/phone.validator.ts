import { registerDecorator } from 'class-validator';
import { toE164 } from './phone.js';

/** Turns what reads as a phone number with country code into E.164, and leaves the rest for `IsPhone` to refuse. */
export function toPhone({ value }: { value: unknown }): unknown {
  return typeof value === 'string' && value.length <= 40 ? (toE164(value) ?? value) : value;
}

export function IsPhone(): PropertyDecorator {
  return (target, propertyName) => {
    registerDecorator({
      name: 'isPhone',
      target: target.constructor,
      propertyName: String(propertyName),
      options: { message: '$property must be a phone number with its country code, such as +14155550123' },
      validator: {
        validate: (value: unknown) =>
          typeof value === 'string' && /^\+\d{6,15}$/.test(value) && toE164(value) === value,
      },
    });
  };
}
