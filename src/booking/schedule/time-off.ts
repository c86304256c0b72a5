import { invalidInput } from '../../platform/errors/domain-error.js';
import { DAY, type Interval } from '../engine/intervals.js';
import { isPlannableDate } from './local-date.validator.js';
import { addDays, startOfDay } from '../engine/zoned-time.js';

/** When a resource is away, as it is asked for: instants, or whole local dates. */
export interface TimeOffRequest {
  /** ISO 8601 with offset. */
  startsAt?: string;
  endsAt?: string;
  /** `YYYY-MM-DD` where the resource is; `toDate` is the last one, included. */
  fromDate?: string;
  toDate?: string;
}

export interface TimeOff {
  id: string;
  startsAt: Date;
  endsAt: Date;
  reason: string | null;
  createdAt: Date;
}

/** Two years, one of them a leap year. */
const LONGEST_DAYS = 731;

/**
 * The time that is asked for, as epoch milliseconds.
 * @param zone the resource's, in which local dates begin and end
 * @throws DomainError `invalid_input`
 */
export function timeOffInterval(request: TimeOffRequest, zone: string): Interval {
  const { startsAt, endsAt, fromDate, toDate } = request;
  const byInstants = startsAt !== undefined || endsAt !== undefined;
  const byDates = fromDate !== undefined || toDate !== undefined;
  if (byInstants && byDates) {
    const field = fromDate === undefined ? 'toDate' : 'fromDate';
    throw invalidInput({ field, message: 'cannot be given together with startsAt and endsAt' });
  }
  if (byDates) return ofDates(fromDate, toDate, zone);
  if (byInstants) return ofInstants(startsAt, endsAt);
  throw invalidInput({
    field: 'startsAt',
    message: 'give either startsAt and endsAt, or fromDate and toDate',
  });
}

function ofInstants(startsAt: string | undefined, endsAt: string | undefined): Interval {
  if (startsAt === undefined) throw invalidInput({ field: 'startsAt', message: 'is missing' });
  if (endsAt === undefined) throw invalidInput({ field: 'endsAt', message: 'is missing' });
  for (const [field, instant] of Object.entries({ startsAt, endsAt })) {
    if (!isPlannableDate(instant.slice(0, 10)))
      throw invalidInput({ field, message: 'must be in the years from 2000 to 2199' });
  }
  const [start, end] = [Date.parse(startsAt), Date.parse(endsAt)];
  if (end <= start) throw invalidInput({ field: 'endsAt', message: 'must be after startsAt' });
  if (end - start > LONGEST_DAYS * DAY) {
    throw invalidInput({ field: 'endsAt', message: `must be at most ${LONGEST_DAYS} days after startsAt` });
  }
  return { start, end };
}

function ofDates(fromDate: string | undefined, toDate: string | undefined, zone: string): Interval {
  if (fromDate === undefined) throw invalidInput({ field: 'fromDate', message: 'is missing' });
  if (toDate === undefined) throw invalidInput({ field: 'toDate', message: 'is missing' });
  if (toDate < fromDate) throw invalidInput({ field: 'toDate', message: 'must not be before fromDate' });
  if (toDate > addDays(fromDate, LONGEST_DAYS - 1)) {
    throw invalidInput({
      field: 'toDate',
      message: `must be at most ${LONGEST_DAYS - 1} days after fromDate`,
    });
  }
  const [start, end] = [startOfDay(fromDate, zone), startOfDay(addDays(toDate, 1), zone)];
  // Where a zone moved across the date line, its calendar went without a date.
  if (end <= start) throw invalidInput({ field: 'fromDate', message: `is a date that ${zone} skipped` });
  return { start, end };
}
