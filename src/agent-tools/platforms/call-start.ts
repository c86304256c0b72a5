import { Injectable } from '@nestjs/common';
import type { Author } from '../../booking/author.js';
import { Deadline } from '../../platform/deadline.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { AgentConnection } from '../../tenant/agent-connection.js';
import { TenantService } from '../../tenant/tenant.service.js';
import { callerNumber } from '../call/caller-number.js';
import { conversation, presentTime } from '../conversation.js';
import { ToolRunner } from '../tool-runner.js';
import type { ReportedCall } from '../call/reported-call.js';
import type { CallVariables } from './voice-platform.js';
import { clock } from '../../platform/time/clock.js';

/** The phone rings meanwhile, and Telnyx waits no longer than a second unless told to. */
const LONGEST_MS = 800;

/**
 * What an agent should know when a call begins, for its prompt: all texts, since platforms' dynamic variables are. Nothing of
 * who calls but the number: that a number is theirs is more than a caller has shown.
 */
@Injectable()
export class CallStart {
  constructor(
    private readonly tenants: TenantService,
    private readonly runner: ToolRunner,
  ) {}

  /** @throws DomainError `unavailable` where nothing is known of the organisation, and nothing can be read in time */
  async variables(
    connection: AgentConnection,
    { caller }: ReportedCall,
    author: Author,
  ): Promise<CallVariables> {
    const { tenant, locale: ownLocale } = connection;
    const deadline = Deadline.in(LONGEST_MS);
    const known = (await deadline.race(this.tenants.recent(tenant))) ?? this.tenants.lastSeen(tenant);
    if (known === undefined) {
      throw new DomainError('unavailable', 'The service cannot answer at the moment.', {
        retryAfterSeconds: 1,
      });
    }
    const { name, timezone, locale } = known;
    const present = presentTime(conversation(ownLocale ?? locale, timezone, clock.now()));
    const said = await deadline.race(this.#said(connection, author));
    return {
      business_name: name,
      ...present,
      // A number and nothing else: whoever calls decides what their network sends, and this goes into the prompt.
      caller_number: callerNumber(caller, known) ?? '',
      opening_hours: said?.hours ?? '',
      services: said?.services ?? '',
    };
  }

  /** What the agent would be told if it asked, in the language of its callers. */
  async #said({ tenant, serviceIds, resourceIds, locale }: AgentConnection, author: Author) {
    const ask = async (tool: string, body: object) => {
      const scope = { serviceIds, resourceIds };
      const answer = await this.runner.run(tenant, author, {
        ...{ tool, body, scope },
        ...(locale === null ? {} : { locale }),
      });
      return answer.ok ? answer.say : '';
    };
    const [hours, services] = await Promise.all([
      ask('get_business_info', { topic: 'hours' }),
      ask('list_services', {}),
    ]);
    return { hours, services };
  }
}
