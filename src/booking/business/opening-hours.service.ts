import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { withHolidays } from '../availability/resource-calendars.js';
import { DAY, type Interval } from '../engine/intervals.js';
import { type WallInterval, workingStretches, type WorkingHours } from '../engine/working-hours.js';
import { addDays, localDateOf, startOfDay, weekdayOf } from '../engine/zoned-time.js';
import { HolidaysService } from '../schedule/holidays.service.js';
import type { Holiday } from '../schedule/holidays.repository.js';
import { WorkingHoursService } from '../schedule/working-hours.service.js';

/** A date whose hours are other than its weekday's. */
export interface SpecialDay {
  /** `YYYY-MM-DD` */
  date: string;
  /** Empty: closed. */
  hours: readonly WallInterval[];
  /** Of the holiday, if it is one. */
  name: string | null;
}

export interface OpeningHours {
  weekly: WorkingHours['weekly'];
  today: SpecialDay & { isSpecial: boolean };
  /** The coming ones, today's included. */
  special: SpecialDay[];
  /** The stretch in which it is open now, at least as far as a day from now; null when it is closed. */
  open: Interval | null;
  /** When it opens later today, epoch milliseconds; null when it does not. */
  opensAt: number | null;
}

/** So far ahead special days are told, … */
const DAYS_AHEAD = 60;
/** … and so many of them. */
const MOST_SPECIAL = 20;

/** When an organisation is open, as callers ask for it: by its working hours and holidays, whoever may be away. */
@Injectable()
export class OpeningHoursService {
  constructor(
    private readonly workingHours: WorkingHoursService,
    private readonly holidays: HolidaysService,
  ) {}

  /** @param now epoch milliseconds */
  async at(tenant: TenantId, timezone: string, now: number): Promise<OpeningHours> {
    const [hours, holidays] = await Promise.all([this.workingHours.get(tenant), this.holidays.list(tenant)]);
    const today = localDateOf(now, timezone);
    const until = addDays(today, DAYS_AHEAD);
    const special = specialDays(hours, holidays)
      .filter(({ date }) => date >= today && date <= until)
      .slice(0, MOST_SPECIAL);
    const ofToday = special.find(({ date }) => date === today);
    const usual = hours.weekly.filter(({ day }) => day === weekdayOf(today));
    const worked = withHolidays(
      hours,
      holidays.map(({ date }) => date),
    );
    const midnight = startOfDay(addDays(today, 1), timezone);
    const stretches = joined(workingStretches(worked, timezone, now, now + DAY));
    const open = stretches.find(({ start, end }) => start <= now && now < end) ?? null;
    return {
      weekly: hours.weekly,
      today: { ...(ofToday ?? { date: today, hours: usual, name: null }), isSpecial: ofToday !== undefined },
      special,
      open,
      opensAt: stretches.find(({ start }) => start > now && start < midnight)?.start ?? null,
    };
  }
}

/** Stretches that touch are one to somebody who asks until when it is open. */
function joined(stretches: readonly Interval[]): Interval[] {
  const found: Interval[] = [];
  for (const { start, end } of stretches) {
    const last = found.at(-1);
    if (last !== undefined && last.end >= start) last.end = Math.max(last.end, end);
    else found.push({ start, end });
  }
  return found;
}

function specialDays({ overrides }: WorkingHours, holidays: readonly Holiday[]): SpecialDay[] {
  const names = new Map(holidays.map(({ date, name }) => [date, name]));
  const days = new Map<string, SpecialDay>(
    holidays.map(({ date, name }) => [date, { date, hours: [], name }]),
  );
  // An override gives a holiday hours of its own.
  for (const { date, intervals } of overrides) {
    days.set(date, { date, hours: intervals, name: names.get(date) ?? null });
  }
  return [...days.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
}
