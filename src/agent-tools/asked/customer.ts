import type { BookingRequest } from '../../booking/booking-request.js';
import type { Conversation } from '../conversation.js';
import { phoneNumber } from '../language/phone-number.js';
import type { ToolArguments } from '../tool-arguments.js';
import { ToolRefusal } from '../tool-refusal.js';

export type Customer = Pick<BookingRequest, 'name' | 'phone' | 'phoneExtension' | 'email' | 'purpose'>;

/** As the arguments say it. What cannot be read and need not be there is left out, and the caller is told. */
export interface CustomerRead {
  customer: Customer;
  /** Nobody said the number, or not so that it can be read: it is the one that calls. */
  isPhoneAssumed: boolean;
  /** A number was said, and could not be read. */
  isPhoneUnread: boolean;
  isEmailUnread: boolean;
}

/** No number is shorter; "the one I call from" holds a digit. */
const FEWEST_DIGITS = 4;

/** Whether the arguments say a number, rather than none or "this number". */
function saysNumber({ phone }: ToolArguments, { language }: Conversation): boolean {
  return phone !== undefined && language.readPhone(phone).replace(/\D/g, '').length >= FEWEST_DIGITS;
}

/**
 * Who comes, and about what, as the arguments say it. A name must be among them, and a phone number where none calls.
 * @param caller the number that the platform reports, E.164: used where none is said that can be read
 * @throws ToolRefusal for what cannot be a name or a phone number
 */
export function readCustomer(
  given: ToolArguments,
  conversation: Conversation,
  caller: string | null = null,
): CustomerRead {
  const { language, timezone, locale, say } = conversation;
  const name = language.readName(given['name'] ?? '');
  if (!/\p{L}/u.test(name)) throw new ToolRefusal('unclear_name', say.askAgain(['name']));
  const saidPhone = given['phone'] ?? '';
  const isPhoneSaid = saysNumber(given, conversation);
  const said =
    isPhoneSaid || caller === null
      ? phoneNumber(language.readPhone(saidPhone), { timezone, locale })
      : undefined;
  const phone = said ?? caller ?? undefined;
  if (phone === undefined) throw new ToolRefusal('unclear_phone', say.askAgain(['phone']));
  const isPhoneUnread = isPhoneSaid && said === undefined;
  const email = given['email'] === undefined ? undefined : language.readEmail(given['email']);
  return {
    customer: {
      name,
      phone,
      // Also that of the number that calls: "this number, extension 12". Not that of another one, which could not be read.
      phoneExtension: isPhoneUnread ? undefined : language.readExtension(saidPhone),
      email,
      purpose: given['purpose'],
    },
    isPhoneAssumed: said === undefined,
    isPhoneUnread,
    isEmailUnread: given['email'] !== undefined && email === undefined,
  };
}
