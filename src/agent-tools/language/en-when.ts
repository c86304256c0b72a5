import { en } from 'chrono-node';
import { chronoParsers } from './chrono-parsers.js';
import { ENGLISH_NUMBERS } from './en-numbers.js';
import { inDigits } from './number-words.js';
import { whenReader } from './when-reader.js';

/** Where people write month and day in either order; elsewhere they write the day first. */
const EITHER_ORDER = new Set([undefined, 'US', 'CA', 'PH']);

/** Days and times in English. */
export const readEnglish = whenReader({
  parsers: chronoParsers(en.casual, [
    'ENTimeUnitWithinFormatParser',
    'ENMonthNameLittleEndianParser',
    'ENMonthNameMiddleEndianParser',
    'ENMonthNameParser',
    'ENCasualDateParser',
  ]),
  weekdays: {
    ...{ monday: 1, tuesday: 2, wednesday: 3, thursday: 4, friday: 5, saturday: 6, sunday: 7 },
    ...{ mondays: 1, tuesdays: 2, wednesdays: 3, thursdays: 4, fridays: 5, saturdays: 6, sundays: 7 },
    ...{ mon: 1, tue: 2, tues: 2, wed: 3, weds: 3, thu: 4, thur: 4, thurs: 4, fri: 5, sat: 6, sun: 7 },
  },
  next: { before: ['next'], after: [] },
  coming: { before: ['this coming', 'coming', 'the following'], after: ['coming'] },
  ordinal: { after: ['st', 'nd', 'rd', 'th'], before: [] },
  days: { 'day after tomorrow': 2, 'day before yesterday': -2 },
  weeks: {
    ...{ 'this week': 0, 'of the week': 0, 'of week': 0, 'rest of the week': 0 },
    ...{ 'next week': 1, 'following week': 1, 'this coming week': 1, 'coming week': 1 },
    ...{ 'week after next': 2, '2 weeks from now': 2 },
  },
  weekends: { weekend: 0, 'this weekend': 0, 'this coming weekend': 0, 'next weekend': 1 },
  months: { 'this month': 0, 'of the month': 0, 'of month': 0, 'next month': 1, 'following month': 1 },
  shifts: {
    ...{ 'day from': 1, 'days from': 1, 'day after': 1, 'days after': 1 },
    ...{ 'week from': 7, 'weeks from': 7, 'week after': 7, 'weeks after': 7, 'week on': 7 },
  },
  parts: {
    any: [
      ...['any', 'anytime', 'any time', 'anything', 'whenever', 'all day', 'flexible', 'no preference'],
      ...['either', 'any day', 'doesnt matter', 'dont mind', 'dont care'],
    ],
    morning: [
      ...['morning', 'mornings', 'am', 'before lunch', 'before lunchtime', 'forenoon', 'before midday'],
    ],
    afternoon: [
      ...['afternoon', 'afternoons', 'pm', 'after noon', 'after lunch', 'after lunchtime', 'past noon'],
      ...['later in day', 'later in the day', 'after midday'],
    ],
    evening: [
      ...['evening', 'evenings', 'night', 'after work', 'end of day', 'end of the day', 'after hours'],
    ],
  },
  earliest: [
    ...['asap', 'as soon as possible', 'as early as possible', 'soonest', 'earliest', 'next available'],
    ...['first available', '1st available', 'right away', 'immediately', 'right now', 'now', 'straight away'],
    ...['next opening', '1st opening', 'next free', 'next possible', '1st possible', 'soon as you can'],
  ],
  rewrites: [
    [/\b(tonight|tonite)\b/g, 'today evening'],
    [/\bthis (morning|afternoon|evening)\b/g, 'today $1'],
    [/\btmr?w\b|\btom+or+ow\b/g, 'tomorrow'],
    [/\bfirst thing(?: in the morning)?\b/g, 'morning asap'],
    [/\b(\w[\w:]*?) ?-?ish\b/g, 'about $1'],
    // Before the numbers are digits: "10 to 3" is a stretch, "ten to three" is a time.
    [
      /(?<!(?:from|between|and) )\b(five|ten|twenty) (?:to|till|before) (?=(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b)/g,
      '$1 minutes to ',
    ],
    inDigits(ENGLISH_NUMBERS),
    [/\b12 at night\b/g, 'midnight'],
    [/\b12 (noon|midnight)\b/g, '$1'],
    [/\b(?:noon|midday|mid day)\b(?! ?time)/g, '12:00 pm'],
    [/\bmidnight\b/g, '12:00 am'],
    [/\b(?:lunchtime|lunch time)\b/g, 'about 12:00 pm'],
    [/\bmid ?morning\b/g, 'about 10:00 am'],
    [/\bmid ?afternoon\b/g, 'about 3:00 pm'],
    [/\boh (?=\d\b)/g, '0'],
    [/\bhalf (?:past )?(?=\d)(\d{1,2})\b/g, '$1:30'],
    [/\b(?:a )?quarter (?:past|after) (\d{1,2})\b/g, '$1:15'],
    [/\b(?:a )?quarter (?:to|till|of|before) (\d{1,2})\b/g, (_, hour = '') => to(hour, 15)],
    [
      /\b(\d{1,2}) (?:minutes )?past (\d{1,2})\b/g,
      (_, minutes = '', hour = '') => `${hour}:${minutes.padStart(2, '0')}`,
    ],
    [
      /\b(\d{1,2}) minutes (?:to|till|before) (\d{1,2})\b/g,
      (_, minutes = '', hour = '') => to(hour, Number(minutes)),
    ],
    [/(?<![\d:/.-]|\d )\b(\d{1,2}) ([0-5]\d)(?=$| (?:am|pm|in|on|today|tomorrow)\b| ?o)/g, '$1:$2'],
    [/ ?o ?clock\b/g, ''],
    [/\b(an?) (hour|week|day|fortnight|month)\b/g, '1 $2'],
    [/\bhalf (?:an|1) hour\b/g, '30 minutes'],
    [/\b(?:1 )?fortnights?\b/g, '2 weeks'],
    [
      /\b(\d{1,2} (?:minutes?|hours?|days?|weeks?|months?)) (?:from now|from today|out|hence|later|time)\b/g,
      'in $1',
    ],
    [/\bin in\b/g, 'in'],
    [/\b(monday|tuesday|wednesday|thursday|friday|saturday|sunday) week\b/g, '1 week from $1'],
  ],
  connectors: {
    BETWEEN: ['between'],
    AND: ['and', '&'],
    OR: ['or'],
    TO: ['to', 'through', 'thru', '-'],
    FROM: ['from', 'starting', 'starting from', 'starting on', 'beginning'],
    AFTER: [
      ...['after', 'past', 'later than', 'any time after', 'anytime after', 'sometime after'],
      ...['not before', 'no earlier than', 'not earlier than'],
    ],
    BEFORE: ['before', 'earlier than', 'any time before', 'anytime before', 'sometime before', 'prior to'],
    UNTIL: [
      'until',
      'till',
      'til',
      'by',
      'no later than',
      'not later than',
      'not after',
      'at the latest by',
      'up to',
    ],
    ONWARDS: ['onwards', 'onward', 'or later', 'or after', 'and later', 'and after'],
    EARLIER: ['or earlier', 'or before', 'at the latest', 'at latest'],
    ABOUT: [
      'about',
      'around',
      'approximately',
      'roughly',
      'circa',
      'close to',
      'near',
      'or so',
      'or thereabouts',
    ],
    WEEK_OF: ['week of', 'week starting', 'week beginning', 'week commencing', 'week that starts on'],
    EARLY: ['early', 'beginning', 'beginning of', 'start of', 'first half of', 'earlier'],
    MID: ['mid', 'middle', 'middle of'],
    LATE: ['late', 'end', 'end of', 'second half of', 'towards the end of'],
    REST: ['later', 'rest', 'rest of', 'remainder of'],
  },
  fillers: [
    ...['on', 'the', 'of', 'for', 'please', 'at', 'in', 'a', 'an', 'this', 'during', 'sharp', 'hours', 'hrs'],
    ...[
      'sometime',
      'some time',
      'some point',
      'is fine',
      'would be fine',
      'works',
      'day',
      'date',
      'time',
      'times',
    ],
    ...[
      'appointment',
      'slot',
      'you have',
      'available',
      'possible',
      'maybe',
      'preferably',
      'ideally',
      'say',
      'um',
      'i',
      'but',
      'thanks',
      'thank you',
      'uh',
    ],
    ...[
      'id like',
      'i would like',
      'how about',
      'what about',
      'lets say',
      'lets do',
      'can i come',
      'then',
      'exactly',
    ],
    ...['that works', 'if possible', 'today please', 'anything', 'something', 'free'],
  ],
  numericOrder: (locale) => (EITHER_ORDER.has(new Intl.Locale(locale).region) ? 'either' : 'day first'),
});

/** "quarter to 3" is 2:45. */
function to(hour: string, minutes: number): string {
  return `${((Number(hour) + 10) % 12) + 1}:${String(60 - minutes).padStart(2, '0')}`;
}
