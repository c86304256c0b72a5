import { addDays, weekdayOf } from '../../booking/engine/zoned-time.js';
import type { Meaning } from './said-phrase.js';
import type { SaidShape } from './said-shape.js';
import { datesBetween, daysFrom, weekOf } from './calendar-days.js';
import { dayFits, dayMeant, dayNamed, type NamedDay, rangeNamed } from './spoken-date.js';
import type { DayReading } from './when.js';

/** How far "from Monday on" is looked ahead. */
const DAYS_ONWARDS = 14;

/** A week and, on a Sunday, that day before it. */
const MOST_DAYS_OF_WEEK = 8;

/** Takes the days out of what was said; undefined when there are none. */
export function readDays(shape: SaidShape, today: string): DayReading | undefined {
  const named = [
    ...lastOf(shape, today),
    ...besideDate(shape, today),
    ...ranges(shape, today),
    ...choices(shape, today),
    ...shifted(shape, today),
    ...weeks(shape, today),
    ...openEnded(shape, today),
    ...parts(shape, today),
  ];
  for (let next = shape.take(/\bD\d+\b/); next !== undefined; next = shape.take(/\bD\d+\b/)) {
    named.push(...daysIn(next.meanings));
  }
  return dayMeant(named, today);
}

/** "Monday to Wednesday", "between June 8 and June 12" */
function ranges(shape: SaidShape, today: string): NamedDay[] {
  const found = shape.take(/BETWEEN D\d+ AND D\d+|(?:FROM )?D\d+ (?:TO|UNTIL|LATEST) D\d+/);
  const [from, to] = daysIn(found?.meanings ?? []);
  return from && to ? [rangeNamed(from, to, today)] : [];
}

/** "Monday or Tuesday", "Monday, Wednesday and Friday": each will do. */
function choices(shape: SaidShape, today: string): NamedDay[] {
  const found = shape.take(/D\d+(?: (?:OR |AND )?D\d+)* (?:OR|AND) D\d+/);
  if (found === undefined) return [];
  const readings = ofOneMonth(nextOnes(daysIn(found.meanings))).map((day) => dayNamed(day, today));
  const unclear = readings.find(({ kind }) => kind !== 'days' && kind !== 'ambiguous');
  if (unclear !== undefined) return [{ kind: 'settled', reading: unclear }];
  // Whoever leaves a choice is not asked which of two days one of them is.
  const dates = readings.flatMap((reading) =>
    reading.kind === 'days' ? reading.dates : reading.kind === 'ambiguous' ? reading.candidates : [],
  );
  return [span([...new Set(dates)].sort())];
}

/** "Next Monday or Tuesday" are both of next week. */
function nextOnes(days: readonly NamedDay[]): NamedDay[] {
  let isNext = false;
  return days.map((day) => {
    if (day.kind !== 'weekday') return day;
    isNext ||= day.which === 'next';
    return isNext ? { ...day, which: 'next' } : day;
  });
}

/** "The 10th or 11th of January", "January 10th or 11th": a day of a month is in the one that is said beside it. */
function ofOneMonth(days: readonly NamedDay[]): NamedDay[] {
  const [first] = days.filter((day) => day.kind === 'date');
  return days.map((day) => (first && day.kind === 'day of month' ? { ...first, day: day.day } : day));
}

/** "A week from Friday", "2 days after the 5th" */
function shifted(shape: SaidShape, today: string): NamedDay[] {
  const found = shape.take(/S\d+ D\d+/);
  const [shift] = found?.meanings ?? [];
  const date = found && dateIn(found.meanings, today);
  if (date === undefined || shift?.kind !== 'shift') return daysIn(found?.meanings ?? []);
  return [{ kind: 'relative', date: addDays(date, shift.days) }];
}

/** "The last Friday of June", "the last day of the month"; "last Friday" by itself is over. */
function lastOf(shape: SaidShape, today: string): NamedDay[] {
  const [span] = daysIn(shape.take(/LAST_DAY D\d+/, ([only]) => isSpan(only))?.meanings ?? []);
  if (span?.kind === 'span') return [{ kind: 'relative', date: span.dates.at(-1) ?? today }];
  const [weekday, month] = daysIn(
    shape.take(/LAST D\d+ D\d+/, ([first, second]) => isWeekday(first) && isSpan(second))?.meanings ?? [],
  );
  if (weekday && month?.kind === 'span') {
    return [{ kind: 'relative', date: month.dates.findLast((date) => dayFits(date, weekday)) ?? today }];
  }
  const [past] = daysIn(shape.take(/LAST D\d+/, ([only]) => isWeekday(only))?.meanings ?? []);
  return past ? weekdayFrom(past, daysFrom(addDays(today, -7), 7)) : [];
}

/** "The Friday before Christmas Eve", "the Monday after the 10th", "the weekend before Christmas" */
function besideDate(shape: SaidShape, today: string): NamedDay[] {
  const found = shape.take(
    /(?<![DTP]\d+ )D\d+ (?<side>BEFORE|AFTER) D\d+/,
    ([first, second]) =>
      (isWeekday(first) || isWeekend(first)) && second?.kind === 'day' && second.day.kind !== 'span',
  );
  const date = found && dateIn(found.meanings.slice(1), today);
  const [weekday] = daysIn(found?.meanings ?? []);
  if (date === undefined || weekday === undefined) return weekday ? [weekday] : [];
  const isAfter = found?.groups['side'] === 'AFTER';
  const pool = isAfter ? daysFrom(addDays(date, 1), 7) : daysFrom(addDays(date, -7), 7);
  if (weekday.kind !== 'span') return weekdayFrom(weekday, pool);
  const sunday = isAfter
    ? addDays(pool.find((candidate) => weekdayOf(candidate) === 6) ?? date, 1)
    : (pool.findLast((candidate) => weekdayOf(candidate) === 7) ?? date);
  return [span([addDays(sunday, -1), sunday])];
}

function isWeekend(meaning?: Meaning): boolean {
  if (meaning?.kind !== 'day' || meaning.day.kind !== 'span') return false;
  const { dates } = meaning.day;
  return dates.length === 2 && weekdayOf(dates[0] ?? '') === 6;
}

function weekdayFrom(weekday: NamedDay, dates: readonly string[]): NamedDay[] {
  return dates.filter((date) => dayFits(date, weekday)).map((date) => ({ kind: 'relative', date }));
}

function isSpan(meaning?: Meaning): boolean {
  return meaning?.kind === 'day' && meaning.day.kind === 'span';
}

function isWeekday(meaning?: Meaning): boolean {
  return meaning?.kind === 'day' && meaning.day.kind === 'weekday';
}

/** "The week of June 8", "the week after Christmas" */
function weeks(shape: SaidShape, today: string): NamedDay[] {
  const found = shape.take(/WEEK_(?<which>OF|AFTER|BEFORE) D\d+/);
  const [day] = daysIn(found?.meanings ?? []);
  if (day === undefined) return [];
  const reading = dayNamed(day, today);
  const date =
    reading.kind === 'days' ? reading.dates[0] : reading.kind === 'passed' ? reading.date : undefined;
  const which = found?.groups['which'];
  if (date !== undefined && which === 'BEFORE') return [span(daysFrom(addDays(date, -7), 7))];
  if (date !== undefined && which === 'AFTER') {
    const end = weekOf(addDays(date, 7)).at(-1) ?? date;
    return [span(datesBetween(addDays(date, 1), end))];
  }
  // Of this week, the beginning may be over.
  const week = date === undefined ? [] : weekOf(date);
  return week.some((of) => of >= today) ? [span(week)] : [day];
}

/** "From Monday on", "after Friday", "by Friday" */
function openEnded(shape: SaidShape, today: string): NamedDay[] {
  const found = shape.take(
    /(?<after>AFTER) D\d+|(?:FROM )D\d+(?: ONWARDS)?|D\d+ ONWARDS|(?<before>BEFORE) D\d+|(?<until>UNTIL|LATEST) D\d+|(?<latest>D\d+ EARLIER)/,
  );
  if (found === undefined) return [];
  const [day] = daysIn(found.meanings);
  const reading = day && dayNamed(day, today);
  if (reading?.kind !== 'days') return daysIn(found.meanings);
  const { after, before, until = found.groups['latest'] } = found.groups;
  const [first = today] = reading.dates;
  const last = reading.dates.at(-1) ?? first;
  if (before !== undefined) return [span(daysFrom(today, 31).filter((date) => date < first))];
  if (until !== undefined) return [span(daysFrom(today, 31).filter((date) => date <= last))];
  return [span(daysFrom(after === undefined ? first : addDays(last, 1), DAYS_ONWARDS))];
}

/** "Early next week", "the end of the month", "later this week" */
function parts(shape: SaidShape, today: string): NamedDay[] {
  const found = shape.take(/(?<part>EARLY|MID|LATE|REST|WEEK_2|WEEK_3) D\d+/, ([only]) => isSpan(only));
  const [day] = daysIn(found?.meanings ?? []);
  if (found === undefined || day?.kind !== 'span') return [];
  const { dates } = day;
  const isWeek = dates.length <= MOST_DAYS_OF_WEEK;
  switch (found.groups['part']) {
    case 'EARLY':
      return [span(dates.slice(0, isWeek ? 3 : 7))];
    case 'MID':
      return [span(isWeek ? dates.slice(1, 4) : dates.slice(10, 20))];
    case 'LATE':
      return [span(dates.slice(isWeek ? -4 : -7))];
    case 'WEEK_2':
      return [span(dates.slice(7, 14))];
    case 'WEEK_3':
      return [span(dates.slice(14, 21))];
    default: {
      const left = dates.filter((date) => date > today);
      return [span(left.length > 0 ? left : dates)];
    }
  }
}

function dateIn(meanings: readonly Meaning[], today: string): string | undefined {
  const [day] = daysIn(meanings);
  const reading = day && dayNamed(day, today);
  // "A week from Tuesday", said on a Tuesday, counts from today.
  if (reading?.kind === 'ambiguous') return reading.candidates[0];
  return reading?.kind === 'days' ? reading.dates[0] : undefined;
}

function daysIn(meanings: readonly Meaning[]): NamedDay[] {
  return meanings.flatMap((meaning) => (meaning.kind === 'day' ? [meaning.day] : []));
}

function span(dates: readonly string[]): NamedDay {
  return { kind: 'span', dates };
}
