import { type CountryCode, getCountries } from 'libphonenumber-js';
import { toE164 } from '../../booking/phone.js';

/**
 * A caller's number in E.164, such as `+14155550123`; undefined when it cannot be one. Without a country code
 * it is taken as one of the tenant's country: that of its zone, else of its locale. The zone comes first
 * because `en-US` is also what every tenant begins with.
 */
export function phoneNumber(
  text: string,
  { timezone, locale }: { timezone: string; locale: string },
): string | undefined {
  const number = text.trim();
  // With a country code nothing else has to be known; looking the country up takes longer than all the rest.
  if (number.startsWith('+')) return toE164(number);
  for (const country of [countryOfZone(timezone), countryOfLocale(locale)]) {
    const normalised = toE164(number, country);
    if (normalised !== undefined) return normalised;
  }
  // As most of the world dials abroad, also where another prefix is in use: the country's own is known to the library.
  return number.startsWith('00') ? toE164(number.replace(/^00/, '+')) : undefined;
}

function countryOfLocale(locale: string): CountryCode | undefined {
  const { region } = new Intl.Locale(locale);
  return getCountries().find((country) => country === region);
}

let countries: ReadonlyMap<string, CountryCode> | undefined;

function countryOfZone(timezone: string): CountryCode | undefined {
  countries ??= countriesOfZones();
  // A zone can have several names (`Asia/Kolkata`, `Asia/Calcutta`); the map has the one that ICU uses.
  return countries.get(new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions().timeZone);
}

/** From ICU's list of each region's zones. It takes a twentieth of a second, so it is made once. */
function countriesOfZones(): ReadonlyMap<string, CountryCode> {
  return new Map(
    getCountries().flatMap((country) => {
      const region: Intl.Locale & { getTimeZones?: () => string[] | undefined } = new Intl.Locale(
        `und-${country}`,
      );
      return (region.getTimeZones?.() ?? []).map((zone): [string, CountryCode] => [zone, country]);
    }),
  );
}
