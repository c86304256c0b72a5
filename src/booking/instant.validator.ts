import { registerDecorator } from 'class-validator';
import { isLocalDate } from './engine/zoned-time.js';

const INSTANT =
  /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Is this an instant as RFC 3339 writes it (the seconds may be left out)? ISO 8601 has more forms, such as weeks, days of
 * the year and times without an offset: a reader that is not sure of one would book another time than was meant.
 */
function isInstant(value: unknown): value is string {
  const [, date] = (typeof value === 'string' && INSTANT.exec(value)) || [];
  return date !== undefined && isLocalDate(date);
}

export function IsInstant(): PropertyDecorator {
  return (target, propertyName) => {
    registerDecorator({
      name: 'isInstant',
      target: target.constructor,
      propertyName: String(propertyName),
      options: {
        message: '$property must be a date and time with offset, such as 2027-01-20T14:00:00-05:00',
      },
      validator: { validate: isInstant },
    });
  };
}
