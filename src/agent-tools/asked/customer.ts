import type { BookingRequest } from '../../booking/booking-request.js';
import type { Conversation } from '../conversation.js';
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
    customer: { name, phone, email, purpose: given['purpose'] },
    isEmailUnread: given['email'] !== undefined && email === undefined,
  };
}
