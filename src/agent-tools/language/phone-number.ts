import { type CountryCode, getCountries, parsePhoneNumberFromString } from 'libphonenumber-js';

/**
 * A phone number in E.164 form; undefined when it cannot be one. A number without its country's code is taken as one of the
 * tenant's country: that of its zone, else that of its locale (an American tenant's locale is also everybody's default, so
 * the zone says more). Whether the number is in service is nobody's to know here: only its length is checked.
 */
export function phoneNumber(
  text: string,
  { timezone, locale }: { timezone: string; locale: string },
): string | undefined {
  const number = text.trim().replace(/^00(?=\d)/, '+');
  for (const country of countriesOf(timezone, locale)) {
    const parsed = parsePhoneNumberFromString(number, country);
    if (parsed?.isPossible() === true) return parsed.number;
  }
  return undefined;
}

function countriesOf(timezone: string, locale: string): (CountryCode | undefined)[] {
  const countries = [countryOfZone(timezone), countryOfLocale(locale)].filter((country) => country !== undefined);
  return countries.length > 0 ? [...new Set(countries)] : [undefined];
}

function countryOfLocale(locale: string): CountryCode | undefined {
  const { region } = new Intl.Locale(locale);
  return getCountries().find((country) => country === region);
}

let countries: Map<string, CountryCode> | undefined;

function countryOfZone(timezone: string): CountryCode | undefined {
  countries ??= zonesOfCountries();
  return countries.get(canonicalZone(timezone));
}

/** ICU knows the zones of each region; a zone may have several names, so both sides are compared by ICU's own. */
function zonesOfCountries(): Map<string, CountryCode> {
  const byZone = new Map<string, CountryCode>();
  for (const country of getCountries()) {
    const region: Intl.Locale & { getTimeZones?: () => string[] | undefined } = new Intl.Locale(`und-${country}`);
    for (const zone of region.getTimeZones?.() ?? []) {
      if (!byZone.has(canonicalZone(zone))) byZone.set(canonicalZone(zone), country);
    }
  }
  return byZone;
}

function canonicalZone(zone: string): string {
  return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
}
