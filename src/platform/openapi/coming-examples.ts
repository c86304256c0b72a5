import type { OpenAPIObject } from '@nestjs/swagger';

/** Examples are written as if this Monday were near. */
const EXAMPLE_MONDAY = Date.UTC(2027, 0, 18);
const DAY = 86_400_000;

/**
 * The document with its examples moved to the coming week, weekdays kept, so that "Try it out" asks for times that can still
 * be booked. The document that is checked in stays the same every day.
 */
export function withComingExamples(document: OpenAPIObject, now = Date.now()): OpenAPIObject {
  const today = Math.floor(now / DAY) * DAY;
  const nextMonday = today + (7 - ((new Date(today).getUTCDay() + 6) % 7)) * DAY;
  const moved = JSON.stringify(document).replace(/2027-01-(?:1[89]|2[0-4])/g, (date) =>
    new Date(Date.parse(date) - EXAMPLE_MONDAY + nextMonday).toISOString().slice(0, 10),
  );
  return JSON.parse(moved) as OpenAPIObject;
}
