import { emailReader } from './email-address.js';
import { EnglishSentences } from './en-sentences.js';
import type { Language } from './language.js';
import { partOfDayReader } from './part-of-day.js';
import { dateReader } from './spoken-date.js';
import { timeReader } from './spoken-time.js';

export const english: Language = {
  code: 'en',
  readDate: dateReader({
    relative: { today: 0, tomorrow: 1, tmrw: 1, 'day after tomorrow': 2, yesterday: -1 },
    weekdays: {
      ...{ monday: 1, tuesday: 2, wednesday: 3, thursday: 4, friday: 5, saturday: 6, sunday: 7 },
      ...{ mon: 1, tue: 2, tues: 2, wed: 3, thu: 4, thur: 4, thurs: 4, fri: 5, sat: 6, sun: 7 },
    },
    months: {
      ...{ january: 1, february: 2, march: 3, april: 4, may: 5, june: 6, july: 7, august: 8, september: 9 },
      ...{ october: 10, november: 11, december: 12, jan: 1, feb: 2, mar: 3, apr: 4, jun: 6, jul: 7, aug: 8 },
      ...{ sep: 9, sept: 9, oct: 10, nov: 11, dec: 12 },
    },
    next: ['next'],
    coming: ['this coming', 'this', 'coming'],
    ordinals: ['st', 'nd', 'rd', 'th'],
    sameAs: {
      tonight: 'today evening',
      'this morning': 'today morning',
      'this afternoon': 'today afternoon',
      'this evening': 'today evening',
    },
    fillers: ['on', 'the', 'of', 'for', 'please', 'at', 'in', 'around', 'about'],
  }),
  readTime: timeReader({
    morning: ['am', 'in the morning', 'morning'],
    afternoon: ['pm', 'in the afternoon', 'in the evening', 'at night', 'afternoon', 'evening'],
    named: { noon: '12:00', '12 noon': '12:00', midday: '12:00', 'mid day': '12:00', midnight: '00:00' },
    fillers: ['at', 'around', 'about', 'oclock', 'sharp', 'hours', 'hrs', 'please'],
  }),
  readPartOfDay: partOfDayReader({
    phrases: {
      any: [
        'any',
        'anytime',
        'any time',
        'anything',
        'whenever',
        'all day',
        'flexible',
        'no preference',
        'either',
      ],
      morning: [
        'morning',
        'mornings',
        'am',
        'early',
        'before noon',
        'before lunch',
        'first thing',
        'forenoon',
      ],
      afternoon: ['afternoon', 'afternoons', 'pm', 'after noon', 'after lunch', 'past noon', 'later in day'],
      evening: ['evening', 'evenings', 'night', 'tonight', 'after work', 'end of day', 'after hours'],
    },
    fillers: [
      'in',
      'the',
      'at',
      'during',
      'sometime',
      'some time',
      'early',
      'late',
      'mid',
      'is fine',
      'please',
    ],
  }),
  readEmail: emailReader({
    at: ['at'],
    dot: ['dot', 'period', 'point'],
    underscore: ['underscore'],
    hyphen: ['hyphen', 'dash', 'minus'],
  }),
  sentences: (clock) => new EnglishSentences(clock),
};
