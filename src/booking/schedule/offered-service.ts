import type { ServiceRules } from '../engine/slot-finder.js';

/** What a tenant says of a service that can be booked. */
export interface ServiceDescription extends ServiceRules {
  name: string;
  /** Over all its resources, by the local date of the start; null for no limit. */
  maxPerDay: number | null;
  /** The resources that give it. A service that nobody gives is not offered. */
  resourceIds: string[];
  /** Text for the agent. */
  description: string | null;
  /** A service that is not active stays in the dashboard's list and is not offered. */
  active: boolean;
}

export interface OfferedService extends ServiceDescription {
  id: string;
  createdAt: Date;
  updatedAt: Date;
}

/** What is needed to begin with; the rest has defaults. */
export type NewService = Pick<ServiceDescription, 'name' | 'durationMinutes'> & Partial<ServiceDescription>;

/** @param everybody the resources of a service for which none are named */
export function describeService(
  { durationMinutes, ...given }: NewService,
  everybody: string[],
): ServiceDescription {
  return {
    name: given.name,
    durationMinutes,
    bufferBeforeMinutes: given.bufferBeforeMinutes ?? 0,
    bufferAfterMinutes: given.bufferAfterMinutes ?? 0,
    slotStepMinutes: given.slotStepMinutes ?? durationMinutes,
    minNoticeMinutes: given.minNoticeMinutes ?? 0,
    maxAdvanceDays: given.maxAdvanceDays ?? 365,
    maxPerDay: given.maxPerDay ?? null,
    resourceIds: given.resourceIds ?? everybody,
    description: given.description ?? null,
    active: given.active ?? true,
  };
}
