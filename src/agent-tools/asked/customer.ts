import type { BookingRequest } from '../../booking/booking-request.js';
import type { Conversation } from '../conversation.js';
import type { Language } from '../language/language.js';
import { phoneNumber } from '../language/phone-number.js';
import type { ToolArguments } from '../tool-arguments.js';
import { ToolRefusal } from '../tool-refusal.js';

export type Customer = Pick<BookingRequest, 'name' | 'phone' | 'email' | 'purpose'>;

/** As the arguments say it. An address that cannot be read is left out, and the caller is told. */
export interface CustomerRead {
  customer: Customer;
  isEmailUnread: boolean;
}

/**
 * Who comes, and about what, as the arguments say it. Name and phone must be among them.
 * @throws ToolRefusal for what cannot be a name or a phone number
 */
export function readCustomer(
  given: ToolArguments,
  { language, timezone, locale, say }: Conversation,
): CustomerRead {
  const name = language.readName(given['name'] ?? '');
  if (!/\p{L}/u.test(name)) throw new ToolRefusal('unclear_name', say.askAgain(['name']));
  const phone = phoneNumber(language.readPhone(given['phone'] ?? ''), { timezone, locale });
  if (phone === undefined) throw new ToolRefusal('unclear_phone', say.askAgain(['phone']));
  const email = given['email'] === undefined ? undefined : language.readEmail(given['email']);
  return {
    customer: { name, phone, email, purpose: withExtension(given, language) },
    isEmailUnread: given['email'] !== undefined && email === undefined,
  };
}

/** As long as a booking's purpose may be. */
const MOST_OF_PURPOSE = 1000;

/** Kept where everybody who calls back reads it, since a number in E.164 has no room for it. */
function withExtension(
  { phone = '', purpose }: ToolArguments,
  { readExtension, extensionWord }: Language,
): string | undefined {
  const extension = readExtension(phone);
  if (extension === undefined) return purpose;
  const said = `${extensionWord} ${extension}`;
  return purpose === undefined ? said : `${purpose.slice(0, MOST_OF_PURPOSE - said.length - 3)} (${said})`;
}
