import { compounds } from '../number-words.js';

const UNITS = {
  ...{ one: '1', two: '2', three: '3', four: '4', five: '5', six: '6', seven: '7', eight: '8', nine: '9' },
};
const FIRST_TO_NINTH = {
  ...{ first: '1st', second: '2nd', third: '3rd', fourth: '4th', fifth: '5th', sixth: '6th' },
  ...{ seventh: '7th', eighth: '8th', ninth: '9th' },
};
const TEENS = {
  ...{ ten: '10', eleven: '11', twelve: '12', thirteen: '13', fourteen: '14', fifteen: '15' },
  ...{ sixteen: '16', seventeen: '17', eighteen: '18', nineteen: '19' },
  ...{ tenth: '10th', eleventh: '11th', twelfth: '12th', thirteenth: '13th', fourteenth: '14th' },
  ...{ fifteenth: '15th', sixteenth: '16th', seventeenth: '17th', eighteenth: '18th', nineteenth: '19th' },
};
const TENS = {
  ...{ twenty: 20, thirty: 30, forty: 40, fifty: 50, sixty: 60, seventy: 70, eighty: 80, ninety: 90 },
};
export const ENGLISH_NUMBERS = {
  ...UNITS,
  ...FIRST_TO_NINTH,
  ...TEENS,
  ...{ twentieth: '20th', thirtieth: '30th' },
  ...compounds(TENS, { '': '0' }, ''),
  ...compounds(TENS, { ...UNITS, ...FIRST_TO_NINTH }, ' '),
  ...compounds(
    { 'twenty twenty': 2020, 'two thousand twenty': 2020, 'two thousand and twenty': 2020 },
    UNITS,
    ' ',
  ),
};
