import type { ToolParameter } from '../tool-parameters.js';

/* Arguments that several tools share. */

export const DATE: ToolParameter = {
  description:
    'The day, as YYYY-MM-DD or in the caller\'s own words such as "tomorrow", "next Tuesday", "the week of June 8" or "as ' +
    'soon as possible". Do not work out weekdays yourself.',
  example: 'next Wednesday',
  maxLength: 200,
  whenTooLong: 'ask',
  asks: 'day',
};

export const TIME: ToolParameter = {
  description:
    'The time of day, as HH:MM on the 24-hour clock or in the caller\'s own words such as "2 PM", "half past two" or "any ' +
    'time after 3".',
  maxLength: 200,
  whenTooLong: 'ask',
  asks: 'time',
};

export const TIME_PREFERENCE: ToolParameter = {
  description: 'The part of the day that the caller prefers, if any.',
  enum: ['any', 'morning', 'afternoon', 'evening'],
  maxLength: 200,
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

export const SLOT_ID: ToolParameter = {
  description: 'The slot_id of the chosen time, exactly as check_availability gave it.',
  maxLength: 100,
  whenTooLong: 'ask',
  asks: 'time',
};

/** Of a tool that also takes a slot's id. */
export const OTHERWISE_DATE: ToolParameter = {
  ...DATE,
  description: `${DATE.description} Needed when there is no slot_id.`,
};

export const OTHERWISE_TIME: ToolParameter = {
  ...TIME,
  description: `${TIME.description} Needed when there is no slot_id.`,
  example: '14:00',
};

export const HOLD_ID: ToolParameter = {
  description:
    'The id of the hold that hold_slot gave, if the time is being held. Then nothing else about the time is needed.',
  maxLength: 100,
  whenTooLong: 'cut',
  asks: 'time',
};

export const REFERENCE: ToolParameter = {
  description:
    'The booking reference as the caller says it, such as "K7RQ4M" or "K, seven, R, Q, four, M". Leave it out when the ' +
    'caller does not know it: callers are known by the number that they call from.',
  maxLength: 200,
  whenTooLong: 'ask',
  asks: 'reference',
};

export const CALLER_TIMEZONE: ToolParameter = {
  description:
    'The time zone that the caller is in, such as "Pacific" or "Europe/London": only if the caller says so. Times still ' +
    "mean the organisation's zone.",
  maxLength: 60,
  whenTooLong: 'cut',
  asks: 'time',
};
