import { randomInt } from 'node:crypto';

/** Without letters and digits that sound or look alike: 0 and O, 1 and I and L, B and 8, S and 5, Z and 2, U and V. */
const ALPHABET = 'ACDEFGHJKMNPQRTWXY34679';
const LENGTH = 6;

/** A name for a booking that can be read out on the phone. One of 148 million; unique per tenant by constraint. */
export function newBookingReference(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
