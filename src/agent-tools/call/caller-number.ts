import { phoneNumber } from '../language/phone-number.js';

/** What telephone networks send for a number that is withheld, … */
const WITHHELD = /^(?:anonymous|unknown|restricted|private|withheld|unavailable|blocked|no ?caller ?id)$/i;
/**
 * … and what carriers make of those words on a keypad (ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE). Some of these
 * are possible numbers, and everybody who withholds theirs shares them.
 */
const SPELLED = new Set(['266696687', '7378742833', '2562533', '8656696', '86282452253']);

/** What is put where there is no number: "0000000000", "+10000000000". */
const PLACEHOLDER = /(\d)\1{8,}$/;

/**
 * The number that a platform reports, in E.164: `+1 415…`, `4155550123` as one of the organisation's country, `tel:` and SIP
 * addresses. Null where there is none, where it is withheld, and for a SIP address that is no number.
 */
export function callerNumber(
  reported: string | null,
  tenant: { timezone: string; locale: string },
): string | null {
  const address = (reported ?? '').replace(/^.*</, '').replace(/>.*$/, '').trim();
  const user = address
    .replace(/^(?:sips?|tel):/i, '')
    .replace(/[@;?].*$/, '')
    .replaceAll('%2B', '+')
    .trim();
  if (WITHHELD.test(user) || !/^\+?[\d\s().-]{3,30}$/.test(user)) return null;
  const digits = user.replace(/\D/g, '');
  if (SPELLED.has(digits) || PLACEHOLDER.test(digits)) return null;
  return phoneNumber(user, tenant) ?? null;
}
