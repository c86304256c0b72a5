import type { BookingRequest } from '../../booking/booking-request.js';
import type { Conversation } from '../conversation.js';
import { phoneNumber } from '../language/phone-number.js';
import type { ToolArguments } from '../tool-arguments.js';
import { ToolRefusal } from '../tool-refusal.js';

export type Customer = Pick<BookingRequest, 'name' | 'phone' | 'email' | 'purpose'>;

/**
 * Who comes, and about what, as the arguments say it. Name and phone must be among them.
 * @throws ToolRefusal for what cannot be a name, a phone number or an e-mail address
 */
export function readCustomer(
  given: ToolArguments,
  { language, timezone, locale, say }: Conversation,
): Customer {
  const name = language.readName(given['name'] ?? '');
  if (!/\p{L}/u.test(name)) throw new ToolRefusal('unclear_name', say.askAgain(['name']));
  const phone = phoneNumber(language.readPhone(given['phone'] ?? ''), { timezone, locale });
  if (phone === undefined) throw new ToolRefusal('unclear_phone', say.askAgain(['phone']));
  const email = given['email'] === undefined ? undefined : language.readEmail(given['email']);
  if (given['email'] !== undefined && email === undefined) {
    throw new ToolRefusal('unclear_email', say.askAgain(['email']));
  }
  return { name, phone, email, purpose: given['purpose'] };
}
