import { Injectable } from '@nestjs/common';
import type { Author } from '../../booking/author.js';
import type { AgentConnection } from '../../tenant/agent-connection.js';
import { TenantService } from '../../tenant/tenant.service.js';
import { conversation, presentTime } from '../conversation.js';
import type { CallVariables, ReportedCall } from './voice-platform.js';

/** What an agent should know when a call begins, for its prompt: all texts, since platforms' dynamic variables are. */
@Injectable()
export class CallStart {
  constructor(private readonly tenants: TenantService) {}

  async variables(
    { tenant, locale: ownLocale }: AgentConnection,
    { caller }: ReportedCall,
    _author: Author,
  ): Promise<CallVariables> {
    const { name, timezone, locale } = await this.tenants.recent(tenant);
    const present = presentTime(conversation(ownLocale ?? locale, timezone, Date.now()));
    return { business_name: name, ...present, caller_number: caller ?? '' };
  }
}
