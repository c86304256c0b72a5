/*
 * Run by itself (`node test/engine/slots-as-json.ts`), so that a test can choose the time zone of the
 * process: prints what the engine makes of the days around every occasion.
 */
import { registerHooks } from 'node:module';

// Node strips types but takes `./x.js` for what it says; the sources mean `./x.ts`.
registerHooks({
  resolve: (specifier, context, next) =>
    next(
      /^\.\.?\//.test(specifier) && !context.parentURL?.includes('/node_modules/')
        ? specifier.replace(/\.js$/, '.ts')
        : specifier,
      context,
    ),
});
const { findSlots, matchesPreference } = await import('../../src/booking/engine/slot-finder.js');
const { localDateOf, startOfDay, toIsoWithOffset } = await import('../../src/booking/engine/zoned-time.js');
const { OCCASIONS } = await import('./search-arbitrary.js');

const day = 86_400_000;
// Other hours on each day of the week, or taking one for another would not show.
const weekly = ([1, 2, 3, 4, 5, 6, 7] as const).flatMap((weekday) => [
  { day: weekday, start: `00:3${weekday}`, end: '03:15' },
  { day: weekday, start: '20:00', end: '00:30' },
]);

const found = OCCASIONS.map(([timezone, date]) => {
  const midnight = startOfDay(date, timezone);
  const slots = findSlots({
    now: midnight - 2 * day,
    from: midnight - day,
    to: midnight + 2 * day,
    rules: {
      durationMinutes: 30,
      bufferBeforeMinutes: 0,
      bufferAfterMinutes: 5,
      slotStepMinutes: 15,
      minNoticeMinutes: 60,
      maxAdvanceDays: 3,
    },
    resources: [
      {
        resourceId: timezone,
        timezone,
        workingHours: { weekly, overrides: [] },
        booked: [{ start: midnight, end: midnight + 1_800_000 }],
        busy: [],
        timeOff: [{ start: midnight + 7_200_000, end: midnight + 9_000_000 }],
        fullDays: [localDateOf(midnight - day, timezone)],
      },
    ],
  });
  return slots.map(({ start, end }) => [
    toIsoWithOffset(start, timezone),
    end,
    matchesPreference(start, timezone, 'morning'),
  ]);
});

console.log(JSON.stringify({ processZone: Intl.DateTimeFormat().resolvedOptions().timeZone, found }));
