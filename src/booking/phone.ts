import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js';

/** Until 2019 mobile numbers of Mexico had a 1 there; networks and address books still put it. */
const MEXICAN_MOBILE = /^\+ ?52 ?1 ?(?=(?:[ .()-]*\d){10}(?:\D|$))/;

/**
 * A phone number in E.164 (ITU-T), such as `+14155550123`; undefined for text that is no possible number.
 * @param region in which a number without a country code is meant; without it such a number is refused
 */
export function toE164(text: string, region?: CountryCode): string | undefined {
  const number = parsePhoneNumberFromString(text.trim().replace(MEXICAN_MOBILE, '+52'), region);
  return number?.isPossible() === true ? number.number : undefined;
}
