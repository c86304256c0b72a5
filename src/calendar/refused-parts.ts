import { isCalendarError } from './calendar-error.js';
import type { EventDraft, ProviderEvent } from './calendar-provider.js';
import type { ClaimedWrite, EventPart } from './claimed-write.js';

/** Google does not always say what it refuses of an event. From this attempt on, it is tried without what it can do without. */
const PLAIN_FROM_ATTEMPT = 3;

/** An event without a link, or without its guest, is better than none. */
export async function withoutWhatIsRefused(
  draft: EventDraft,
  { attempts }: Pick<ClaimedWrite, 'attempts'>,
  write: (draft: EventDraft) => Promise<ProviderEvent>,
): Promise<{ event: ProviderEvent; leftOut: EventPart[] }> {
  const leftOut: EventPart[] = [];
  for (let wanted = draft; ;) {
    try {
      return { event: await write(wanted), leftOut };
    } catch (error) {
      const part = refusedPart(error, wanted, attempts);
      if (part === null) throw error;
      leftOut.push(part);
      wanted = without(part, wanted);
    }
  }
}

/** @returns null where nothing of it is refused by itself, or that is not in it any more */
function refusedPart(error: unknown, draft: EventDraft, attempts: number): EventPart | null {
  const parts: EventPart[] = [];
  if (draft.withConference) parts.push('conference');
  if (draft.content.attendeeEmail !== undefined) parts.push('guest');
  const isRefused = (part: EventPart): boolean =>
    isCalendarError(error, part === 'guest' ? 'guest_refused' : 'conference_refused') ||
    (isCalendarError(error, 'invalid') && attempts >= PLAIN_FROM_ATTEMPT);
  return parts.find(isRefused) ?? null;
}

function without(part: EventPart, draft: EventDraft): EventDraft {
  return part === 'conference'
    ? { ...draft, withConference: false }
    : { ...draft, content: { ...draft.content, attendeeEmail: undefined } };
}
