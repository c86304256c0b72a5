import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { plainText } from '../language/plain-text.js';

/** Zones by the names that callers and models give them. */
const BY_NAME: Readonly<Record<string, string>> = {
  eastern: 'America/New_York',
  et: 'America/New_York',
  est: 'America/New_York',
  edt: 'America/New_York',
  central: 'America/Chicago',
  ct: 'America/Chicago',
  cst: 'America/Chicago',
  cdt: 'America/Chicago',
  mountain: 'America/Denver',
  mt: 'America/Denver',
  mst: 'America/Denver',
  mdt: 'America/Denver',
  pacific: 'America/Los_Angeles',
  pt: 'America/Los_Angeles',
  pst: 'America/Los_Angeles',
  pdt: 'America/Los_Angeles',
  alaska: 'America/Anchorage',
  hawaii: 'Pacific/Honolulu',
  gmt: 'Europe/London',
  bst: 'Europe/London',
  cet: 'Europe/Berlin',
  cest: 'Europe/Berlin',
};

/**
 * The zones in which a caller may be: the one that was said; else those of the country that the calling number belongs to.
 * Empty where neither tells anything. Only whether to name a zone depends on it, so a guess that is wrong does no harm.
 */
export function callerZones(said: string | undefined, caller: string | null): readonly string[] {
  const zone = said === undefined ? undefined : zoneNamed(said);
  if (zone !== undefined) return [zone];
  const country = caller === null ? undefined : parsePhoneNumberFromString(caller)?.country;
  if (country === undefined) return [];
  return zonesOf(country);
}

const zonesByCountry = new Map<string, readonly string[]>();

/** By ICU's list, which takes longer to ask than to answer a caller. */
function zonesOf(country: string): readonly string[] {
  let zones = zonesByCountry.get(country);
  if (zones === undefined) {
    const region: Intl.Locale & { getTimeZones?: () => string[] | undefined } = new Intl.Locale(
      `und-${country}`,
    );
    zones = region.getTimeZones?.() ?? [];
    zonesByCountry.set(country, zones);
  }
  return zones;
}

function zoneNamed(text: string): string | undefined {
  const named = BY_NAME[plainText(text).replace(/ (?:standard |daylight )?time$/, '')];
  if (named !== undefined) return named;
  // Not offsets, which some engines take as well.
  if (!/^[A-Za-z]+(?:\/[A-Za-z0-9_+-]+)+$/.test(text) && text !== 'UTC') return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
