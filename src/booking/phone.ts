import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js';

/**
 * A phone number in E.164 (ITU-T), such as `+14155550123`; undefined for text that is no possible number.
 * @param region in which a number without a country code is meant; without it such a number is refused
 */
export function toE164(text: string, region?: CountryCode): string | undefined {
  const number = parsePhoneNumberFromString(text, region);
  return number?.isPossible() === true ? number.number : undefined;
}
