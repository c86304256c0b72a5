import { Deadline } from '../platform/deadline.js';
import { isDatabaseUnavailable } from '../platform/errors/database-failure.js';
import { DomainError } from '../platform/errors/domain-error.js';

/** A caller is waiting: whatever keeps the database, the credential that is not known is refused soon, */
const LONGEST_MS = 1_200;
/** and one that was verified minutes ago goes on sooner. What its look-up says when it comes counts from then on. */
const LONGEST_OF_KNOWN_MS = 150;

/**
 * What looking a credential up says or, while the database does not answer, what it said the last time.
 * @param lastKnown null where it was not verified lately
 * @throws DomainError `unavailable` where nothing is known
 */
export async function verified<Found>(
  lookUp: Promise<Found | null>,
  lastKnown: Found | null,
): Promise<Found | null> {
  try {
    const deadline = Deadline.in(lastKnown === null ? LONGEST_MS : LONGEST_OF_KNOWN_MS);
    const found = await deadline.race(lookUp);
    if (found !== undefined) return found;
  } catch (error) {
    if (!isDatabaseUnavailable(error)) throw error;
  }
  if (lastKnown !== null) return lastKnown;
  throw new DomainError('unavailable', 'The service cannot check the credential at the moment.', {
    retryAfterSeconds: 2,
  });
}
