import type { ChosenCalendars } from '../../calendar/resource-calendar.repository.js';
import type { WorkingHours } from '../engine/working-hours.js';

/** What a tenant says of somebody or something that is booked. Null means the tenant's. */
export interface ResourceDescription {
  name: string;
  /** IANA name. */
  timezone: string | null;
  workingHours: WorkingHours | null;
  calendars: ChosenCalendars | null;
  /** One that is not active stays in the dashboard's list and is not offered. */
  active: boolean;
}

export interface DescribedResource extends ResourceDescription {
  id: string;
  createdAt: Date;
  updatedAt: Date;
}

/** A resource as its own row has it: which calendars it has chosen is kept elsewhere. */
export type ResourceRow = Omit<DescribedResource, 'calendars'>;

export type NewResource = Pick<ResourceDescription, 'name'> & Partial<ResourceDescription>;
