/**
 * What an account may do in a calendar: Google's access roles, and `none` for one that is no longer in the account's list.
 * @see https://developers.google.com/workspace/calendar/api/v3/reference/calendarList
 */
export const ACCESS_ROLES = ['owner', 'writer', 'reader', 'freeBusyReader', 'none'] as const;

/** Whether events can be made there. Roles that are not known allow nothing. */
export function mayWrite(accessRole: string): boolean {
  return accessRole === 'owner' || accessRole === 'writer';
}
