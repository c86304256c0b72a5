import type { TenantId } from '../platform/database/tenant-id.js';
import type { TenantLimits } from './tenant-limits.js';

/** What booking does while a calendar cannot be read: go by what was last known of it, or refuse. */
export const UNREADABLE_CALENDAR_POLICIES = ['use_last_known', 'refuse'] as const;
export type UnreadableCalendarPolicy = (typeof UNREADABLE_CALENDAR_POLICIES)[number];

/** An organisation whose calendar this is. */
export interface Tenant extends TenantLimits {
  id: TenantId;
  name: string;
  /** IANA name of the zone that its wall times are in. */
  timezone: string;
  /** BCP 47 tag of the language and region that its callers are spoken to in. */
  locale: string;
  unreadableCalendarPolicy: UnreadableCalendarPolicy;
  /** How old the knowledge of a calendar may become before that policy applies. */
  calendarStaleAfterMinutes: number;
  createdAt: Date;
  updatedAt: Date;
}

/** Fields left undefined stay, or begin, as they are. */
export type TenantChanges = Partial<
  TenantLimits &
    Pick<Tenant, 'name' | 'timezone' | 'locale' | 'unreadableCalendarPolicy' | 'calendarStaleAfterMinutes'>
>;
