/**
 * What one conversation, one number and one credential may take of an organisation's time. The defaults leave room for a family
 * that books together, a course of treatments, and a receptionist with many callers at once.
 */
export const TENANT_LIMITS = {
  maxHoldsPerConversation: { usual: 3, least: 1, most: 20 },
  maxHoldsPerNumber: { usual: 6, least: 1, most: 100 },
  maxHoldsPerKey: { usual: 20, least: 1, most: 100 },
  maxBookingsPerConversation: { usual: 10, least: 1, most: 1000 },
  maxBookingsPerNumber: { usual: 20, least: 1, most: 1000 },
} as const;

export type TenantLimits = Record<keyof typeof TENANT_LIMITS, number>;
