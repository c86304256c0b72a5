import type { ToolParameter } from '../tool-parameters.js';

/* Arguments that several tools share. */

export const DATE: ToolParameter = {
  description:
    'The day, as YYYY-MM-DD or in the caller\'s own words such as "tomorrow", "next Tuesday" or "January 21". Do not work ' +
    'out weekdays yourself.',
  example: 'next Wednesday',
  maxLength: 100,
  whenTooLong: 'ask',
  asks: 'day',
};

export const TIME: ToolParameter = {
  description: 'The time of day, as HH:MM on the 24-hour clock or in the caller\'s own words such as "2 PM".',
  maxLength: 60,
  whenTooLong: 'ask',
  asks: 'time',
};

export const TIME_PREFERENCE: ToolParameter = {
  description: 'The part of the day that the caller prefers, if any.',
  enum: ['any', 'morning', 'afternoon', 'evening'],
  maxLength: 60,
  whenTooLong: 'ask',
  asks: 'preference',
};

export const SERVICE: ToolParameter = {
  description: 'The kind of appointment by its name, if the caller asked for a particular one.',
  maxLength: 200,
  whenTooLong: 'ask',
  asks: 'service',
};

export const RESOURCE: ToolParameter = {
  description: 'The person or room by its name, if the caller asked for a particular one.',
  maxLength: 200,
  whenTooLong: 'ask',
  asks: 'resource',
};
