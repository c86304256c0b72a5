import { Transform } from 'class-transformer';

/** Before a phone number, and before the offset of an instant. */
const SPACE_FOR_PLUS = /^ (?=\d)|(?<=T[\d:.]+) (?=\d{2}:\d{2}$)/;

/**
 * In a query string `+` stands for a space (application/x-www-form-urlencoded), so `phone=+14155550123` arrives with a space
 * unless its sender wrote `%2B`. Nothing else can be meant. Stands below other transformations, so that it comes first.
 */
export const ForgottenPlus = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? value.replace(SPACE_FOR_PLUS, '+') : value,
  );
