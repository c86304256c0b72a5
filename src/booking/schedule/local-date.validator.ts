import { registerDecorator } from 'class-validator';
import { isLocalDate } from '../engine/zoned-time.js';

const FIRST = '2000-01-01';
const LAST = '2199-12-31';

/** Is this a date that exists, `YYYY-MM-DD`, in the years that appointments are made in? */
export function isPlannableDate(value: unknown): value is string {
  return typeof value === 'string' && isLocalDate(value) && value >= FIRST && value <= LAST;
}

export function IsLocalDate(): PropertyDecorator {
  return (target, propertyName) => {
    registerDecorator({
      name: 'isLocalDate',
      target: target.constructor,
      propertyName: String(propertyName),
      options: { message: '$property must be a date that exists, as YYYY-MM-DD, from 2000 to 2199' },
      validator: { validate: isPlannableDate },
    });
  };
}
