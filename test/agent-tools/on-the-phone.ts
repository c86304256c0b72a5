import { type ToolAnswer, type ToolRequest, ToolRunner } from '../../src/agent-tools/tool-runner.js';
import { addDays, localDateOf, weekdayOf } from '../../src/booking/engine/zoned-time.js';
import type { TenantId } from '../../src/platform/database/tenant-id.js';
import { aTenant, type TestApp, type TestTenant } from '../support/test-app.js';

export const timezone = 'America/New_York';

export interface ToolSlot {
  slot_id: string;
  starts_at: string;
  ends_at: string;
  label: string;
}

export interface ListedBooking {
  reference: string;
  status: string;
  starts_at: string;
  label: string;
  name: string;
}

/** An answer with whatever a tool may have put into it. */
export type Heard = ToolAnswer & {
  code?: string;
  missing?: string[];
  slots?: ToolSlot[];
  alternatives?: ToolSlot[];
  hold?: { id: string; expires_at: string; slot_id: string; starts_at: string; ends_at: string };
  booking?: { id: string; reference: string; status: string; starts_at: string };
  bookings?: ListedBooking[];
  services?: { name: string; duration_minutes: number; description: string | null; resources: string[] }[];
};

type Platform = Omit<ToolRequest, 'tool' | 'body'>;

/** A conversation with a tenant's receptionist, as a voice platform reports it. */
export class PhoneCall {
  constructor(
    private readonly service: TestApp,
    readonly tenant: TestTenant,
    private readonly platform: Platform = {},
    private readonly credential = 'key',
  ) {}

  /** The same receptionist, as another platform or credential would have it. */
  as(platform: Platform): PhoneCall {
    return new PhoneCall(this.service, this.tenant, { ...this.platform, ...platform }, this.credential);
  }

  /** What another credential of the same tenant says of a call. */
  by(credential: string): PhoneCall {
    return new PhoneCall(this.service, this.tenant, this.platform, credential);
  }

  /** From this number, or withheld; every call has an id of its own unless it is given. */
  from(caller: string | null, id: string | null = `call-${Math.random()}`): PhoneCall {
    return this.as({ voiceCall: { id, caller, dialled: null } });
  }

  async say(tool: string, body: object = {}): Promise<Heard> {
    const origin = { source: 'agent', requestId: null, callId: null } as const;
    const author = { kind: 'api_key', id: this.credential, ...origin } as const;
    const runner = this.service.app.get(ToolRunner);
    const answer = await runner.run(this.tenant.id as TenantId, author, { tool, body, ...this.platform });
    expect(answer.say).toMatch(/\S/);
    // At most two sentences, without markup or addresses.
    expect(answer.say).not.toMatch(/[*_#`<>[\]{}]|https?:/);
    expect(sentencesIn(answer.say)).toBeLessThanOrEqual(2);
    return answer as Heard;
  }
}

export async function aReceptionist(
  service: TestApp,
  as: { timezone?: string; locale?: string } = {},
): Promise<PhoneCall> {
  return new PhoneCall(service, await aTenant(service, { timezone, ...as }));
}

/** The coming such day, at least a week ahead. 1 is Monday. */
export function coming(weekday: number, zone = timezone): string {
  const nextWeek = addDays(localDateOf(Date.now(), zone), 7);
  return addDays(nextWeek, (weekday - weekdayOf(nextWeek) + 7) % 7);
}

/** As it is said: "Wednesday, January 20". */
export function spoken(date: string, locale = 'en-US'): string {
  const format = { weekday: 'long', month: 'long', day: 'numeric', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(locale, format).format(new Date(date));
}

export async function rest<Body>(
  service: TestApp,
  { key }: TestTenant,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH',
  path: string,
  body?: object,
): Promise<Body> {
  const answer = await service.request<Body>(method, path, { key, ...(body === undefined ? {} : { body }) });
  expect(answer.status).toBeLessThan(300);
  return answer.body;
}

function sentencesIn(text: string): number {
  const plain = text.replace(/\b(?:[ap]\. ?m|[A-Z])\.(?!$)/g, '');
  return plain.split(/[.?!]+(?:\s|$)/).filter((part) => part.trim() !== '').length;
}
