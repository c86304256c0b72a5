import { ENGLISH_NUMBERS } from './en-numbers.js';
import { inDigits } from '../number-words.js';
import type { Rewrite } from '../when-reader.js';

const WEEKDAYS = 'monday or tuesday or wednesday or thursday or friday';

const MONTHS =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';

/** What after a number says that it is a time, or that another one follows it. */
const MARKS_OF_A_TIME =
  '(?:am|pm|in the|at (?:the )?(?:latest|earliest|night)|or (?:later|earlier|after|before)|onwards?|sharp|exactly|to|till|until|through|of)';
const UNITS =
  '(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?|people|persons?|adults?|guests?|kids|children)';

/** Days that have a date of their own; of those that move, callers are asked for the date. */
const HOLIDAYS: Readonly<Record<string, string>> = {
  ...{ 'christmas eve': 'december 24 nightly', 'christmas day': 'december 25', christmas: 'december 25' },
  ...{ xmas: 'december 25', 'xmas eve': 'december 24 nightly', 'boxing day': 'december 26' },
  ...{ 'new years eve': 'december 31 nightly', 'new years day': 'january 1', 'new years': 'january 1' },
  ...{ 'valentines day': 'february 14', valentines: 'february 14', 'st patricks day': 'march 17' },
  ...{ 'independence day': 'july 4', halloween: 'october 31' },
  ...{ juneteenth: 'june 19', 'veterans day': 'november 11' },
};

/** Phrases of English that stand for others that the parsers know, in this order. */
export const ENGLISH_REWRITES: readonly Rewrite[] = [
  [/\b(tonight|tonite)\b/g, 'today night'],
  [/\bthis (morning|afternoon|evening)\b/g, 'today $1'],
  [/\btmr?w\b|\btom+or+ow\b/g, 'tomorrow'],
  [/\bfirst thing(?: in the morning)?\b/g, 'morning asap'],
  [/\b(?:by|before) (?:the )?(?:end of (?:the )?(?:business )?day|close of business|cob|eod)\b/g, 'by'],
  [/\b(?:by|before) (?:the )?end of\b/g, 'by of'],
  [
    /\b(?:last thing(?: in the day)?|(?:the )?end of (?:the )?(?:business )?day|close of business|cob|eod)\b/g,
    'after 4 pm',
  ],
  // Not a time: "the one on Tuesday", "the Tuesday one".
  // Of what was offered, which is not known here.
  [/\b(?:first|second|third|last|other|next|1st|2nd|3rd) (?:one|option)\b/g, 'offered'],
  [/\b(?:later|earlier|former|latter|same|that|this) (?:one|option)\b/g, 'offered'],
  [/\b(earliest|latest|soonest) one\b/g, '$1'],
  [
    /\b(?:either|any|whichever|whatever) (?:one of (?:them|those|these)|one|of (?:them|those|these|the (?:two|three)))\b|\bwhichever\b/g,
    'any time',
  ],
  [/\bthe one (?=(?:on|at|in|for)\b)/g, ''],
  // Whose clock: ours, or that of a caller who may be elsewhere.
  [/\b(?:in |by |on )?your (?:time ?zone|time|clock)\b/g, ''],
  [/\b(?:in |by |on )?my (?:time ?zone|time|clock|end)\b|\bwhere (?:i am|im)\b/g, 'callersclock'],
  [/\b(the (?:\w+day|morning|afternoon|evening)) one\b(?=$| (?:at|on|please)\b)/g, '$1'],
  [/\b(?:right )?when you open\b/g, 'morning asap'],
  [/(?<!\b(?:hours?|minutes?) )\b(?:right )?before (?:you )?clos(?:e|ing)(?: time)?\b/g, 'after 4 pm'],
  [/\b(?:(?:during|within) )?(?:business|office|opening|working) hours\b/g, 'any time'],
  // "Friday night at one in the morning" names two parts of the day.
  [/(?<=\bnight\b.*)(\S+) in the morning\b/g, '$1 am'],
  // Articles, not the number or a preference: "one afternoon", "some Thursday".
  [/(?<!\b(?:in|within|for|at) )\b(?:one|some) (?=(?:morning|afternoon|evening|\w*day)\b)/g, ''],
  [/\bany (?=(?:morning|afternoon|evening|night)\b)/g, ''],
  [/\bafter school\b/g, 'after 3 pm'],
  [/\b(any ?(?:day|time)|anything|everything|whenever|all) but\b/g, '$1 except'],
  [/\b(?:the )?(?:next|following) (?:available )?(?:week ?day|working day|business day)\b/g, 'nextworkday'],
  [/\b(?:any )?(?:week ?days?|working days?|business days?)\b/g, WEEKDAYS],
  [/\b(\w+ (?:fifteen|thirty|forty five|\d\d)) ?-?ish\b/g, 'about $1'],
  [/\b(\w[\w:]*?) ?-?ish\b/g, 'about $1'],
  // Before the numbers are digits: "10 to 3" is a stretch, "ten to three" is a time.
  [
    /(?<!(?:from|between|and) )\b(five|ten|twenty) (?:to|till|before|of) (?=(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon|midday|midnight)\b)/g,
    '$1 minutes to ',
  ],
  [/\b(?:first|1st) (?:week|half) (?:of|in)\b/g, 'beginning of'],
  [/\b(?:second|2nd) week (?:of|in)\b/g, 'week2'],
  [/\b(?:third|3rd) week (?:of|in)\b/g, 'week3'],
  [/(?<=\S) at (?:the )?earliest\b/g, ' or later'],
  [
    /\b(?:as late as possible|(?:the )?(?:last|latest) (?:(?:appointment|slot|opening|time)(?: (?:of the day|you have|available))?|of the day|you have|available|possible))\b/g,
    'after 4 pm',
  ],
  [/\b(?:a )?couple(?: of)? (?=days|weeks)/g, '2 '],
  [/\b(?:a )?few (?=days|weeks)/g, '3 '],
  [/\b(?:second half|last week) (?:of|in)\b/g, 'end of'],
  // Not so many days after it: those of the week.
  [/(?<!\b(?:an?|1|one) )\bweek (after|before) (?!next\b)/g, 'week$1 '],
  // "Twenty to", of an hour that was not heard.
  [/\b(?:five|ten|twenty|twenty five|quarter|half) (?:to|past|till)$/g, 'unheard'],
  inDigits(ENGLISH_NUMBERS),
  // "In 3 Thursdays": no time.
  [/\b\d{1,2} (?=(?:mon|tues|wednes|thurs|fri|satur|sun)days\b)/g, 'unheard '],
  [/(?<=\d) (st|nd|rd|th)\b/g, '$1'],
  // A time after a date without "at": "December 5 10 am"; but "January 4 5 or 6" are days.
  [
    new RegExp(
      `\\b(${MONTHS} \\d{1,2}(?:st|nd|rd|th)?) (?=(?:1?\\d|2[0-3])(?::\\d\\d| [0-5]\\d)?(?: [ap]m)?(?![\\d/-]| (?:or|and) \\d{1,2}\\b(?!:| ?[ap]m)))`,
      'g',
    ),
    '$1 at ',
  ],
  [/\b(?:oh |0 ?)?(\d{1,2}) ?hundred(?: hours)?\b/g, (_, hour = '') => `${hour.padStart(2, '0')}:00`],
  [/\b12 at night\b/g, 'midnight'],
  [/\b12 (noon|midnight)\b/g, '$1'],
  [
    /\b(?:(?:a )?quarter|([1-5]?\d) minutes) (?:to|till|of|before) (noon|midday|mid day|midnight)\b/g,
    (_, minutes = '15', noon = '') => `${to('12', Number(minutes))} ${noon === 'midnight' ? 'pm' : 'am'}`,
  ],
  [/\b(?:noon|midday|mid day)\b(?! ?time)/g, '12:00 pm'],
  // "Midnight between Friday and Saturday" ends the first of the two.
  [/\b(midnight) between (\w+day) and \w+day\b/g, '$1 $2'],
  // "11 or midnight", "midnight or 1": one night.
  [/\b(1[01]|[5-9])(:\d\d)? or (?=midnight\b)/g, (_, hour = '', minutes = '') => `${hour}${minutes} pm or `],
  [/\bmidnight or ([1-4])\b(?![:/.-]| ?[ap]m)/g, 'midnight or $1 am'],
  // The one at the end of the day that is said beside it.
  [/\bmidnight\b/g, '12:00 am nightly'],
  [/(?<!\b(?:after|before) )\b(?:lunch ?time|lunch(?: break)?)\b/g, 'about 12:00 pm'],
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
  [/(?<![\d:/.-]|\d )\b(\d{1,2}) ([0-5]\d)(?=$| (?:am|pm|in|on|today|tomorrow)\b| ?o ?clock)/g, '$1:$2'],
  // For how many, unless something says that it is a time: "for two" may be either.
  [
    new RegExp(
      `\\bfor (?:\\d|1[0-2])(?: (?:or|and) (?:\\d|1[0-2]))*\\b(?! (?:or|and) \\d| ?(?:[:/.-]|\\d)| ?o ?clock| (?:${MARKS_OF_A_TIME}|${UNITS}|${MONTHS})\\b)`,
      'g',
    ),
    'lasting',
  ],
  [/ ?o ?clock\b/g, ''],
  [/\b(an?) (hour|week|day|fortnight|month)\b/g, '1 $2'],
  [/\bhalf (?:an|1) hour\b/g, '30 minutes'],
  [/\b(?:1 )?fortnights?\b/g, '2 weeks'],
  [
    /\b(\d{1,2} (?:minutes?|hours?|days?|weeks?|months?)) (?:from now|from today|out|hence|later|time)\b/g,
    'in $1',
  ],
  [/\bin in\b/g, 'in'],
  [/\bwithin (?:an? |\d+ )(?:hours?|minutes?) of (?=\d)/g, 'about '],
  [/\bwithin (?:the |an? )?(?:next )?(?:\d+ )?(?:hours?|minutes?)\b/g, 'today asap'],
  [/\b(?:in|within|over|during) the (?:next|coming) (week|month)\b/g, 'by in 1 $1'],
  [/\b(?:in|over|during|for) the (?:next|coming) (?=\d+ (?:day|week|month))/g, 'by in '],
  [/\bwithin (?:the next )?(?=\d+ (?:day|week|month))/g, 'by in '],
  [/\b(today|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday) week\b/g, '1 week from $1'],
  [
    /\b1 week (?=(?:today|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b)/g,
    '1 week from ',
  ],
  // "January 4, 5 or 6", "4, 5 or 6 January": each number is a day.
  [
    new RegExp(`\\b(${MONTHS} \\d{1,2}) (\\d{1,2}) (or|and) (\\d{1,2})\\b(?!:| ?[ap]m)`, 'g'),
    '$1 $2th $3 $4th',
  ],
  [new RegExp(`\\b(${MONTHS} \\d{1,2}) (or|and) (\\d{1,2})\\b(?!:| ?[ap]m)`, 'g'), '$1 $2 $3th'],
  [
    new RegExp(`\\b(\\d{1,2}) (\\d{1,2}) (or|and) (?=\\d{1,2}(?:st|nd|rd|th)? (?:of )?${MONTHS})`, 'g'),
    '$1th $2th $3 ',
  ],
  [new RegExp(`\\b(\\d{1,2}) (or|and) (?=\\d{1,2}(?:st|nd|rd|th)? (?:of )?${MONTHS})`, 'g'), '$1th $2 '],
  // How long, or for how many, says nothing about when.
  [
    /\bfor (?:about )?(?:\d{1,3} (?:hours?|hrs?|minutes?|mins?)(?! (?:from|before|after|later))|\d{1,2} (?:people|persons?|adults?|guests?|of us|kids|children))\b/g,
    'lasting',
  ],
  [
    /(?<!\b(?:in|within|next|every|last) )\b(\d|1[0-2]) (?:hours?|hrs?)\b(?! (?:before|after|from|later|out|hence))/g,
    'howlong',
  ],
  inDigits(HOLIDAYS),
];

/** "quarter to 3" is 2:45. */
function to(hour: string, minutes: number): string {
  return `${((Number(hour) + 10) % 12) + 1}:${String(60 - minutes).padStart(2, '0')}`;
}
