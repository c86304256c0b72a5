import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js';

/** Until 2019 mobile numbers of Mexico had a 1 there; networks and address books still put it. */
const MEXICAN_MOBILE = /^\+ ?52 ?1 ?(?=(?:[ .()-]*\d){10}(?:\D|$))/;

/** Words for an extension that libphonenumber does not know. */
const EXTENSION_WORD = /(?<=\d)[ ,;]*\b(?:interno|int)\b[.:]? *(?=\d+$)/i;

/** An extension as bookings keep it: as long as libphonenumber reads one. */
export const EXTENSION = /^[0-9]{1,20}$/;

/** A number in E.164 (ITU-T), such as `+14155550123`, and the digits to dial once it has answered. */
export interface Phone {
  number: string;
  extension?: string;
}

/**
 * Reads a phone number with its extension, as it is written (`ext. 12`, `x12`, `interno 12`, `anexo 12`) or after RFC 3966
 * (`;ext=12`); undefined for text that is no possible number.
 * @param region in which a number without a country code is meant; without it such a number is refused
 */
export function toPhone(text: string, region?: CountryCode): Phone | undefined {
  const written = text.trim().replace(MEXICAN_MOBILE, '+52').replace(EXTENSION_WORD, ' ext. ');
  const number = parsePhoneNumberFromString(written, region);
  if (number?.isPossible() !== true) return undefined;
  const { ext } = number;
  return { number: number.number, ...(ext !== undefined && EXTENSION.test(ext) ? { extension: ext } : {}) };
}

/** As `toPhone`, the number alone. */
export function toE164(text: string, region?: CountryCode): string | undefined {
  return toPhone(text, region)?.number;
}
