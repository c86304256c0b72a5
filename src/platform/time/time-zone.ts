import { buildMessage, ValidateBy, type ValidationOptions } from 'class-validator';
import { Temporal } from 'temporal-polyfill';

/**
 * Is this the name of a zone in the IANA time zone database, spelled as it is there? Links (`Asia/Calcutta`) are names too.
 * Offsets (`+02:00`) and what only ICU knows (`PST`, `SystemV/PST8`) are not: an offset knows nothing of summer time.
 */
export function isTimeZone(zone: string): boolean {
  if (zone.length > 64 || !/^(?!systemv\/)[a-z]/i.test(zone)) return false;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone).timeZoneId === zone;
  } catch {
    return false; // a RangeError is how Temporal says it knows no such zone
  }
}

/** Validates that a field is the name of an IANA time zone. */
export function IsTimeZone(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isTimeZone',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && isTimeZone(value),
        defaultMessage: buildMessage(
          (eachPrefix) =>
            `${eachPrefix}$property must be the name of an IANA time zone, such as America/New_York`,
          options,
        ),
      },
    },
    options,
  );
}
