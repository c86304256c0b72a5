import { Injectable } from '@nestjs/common';
import { AgentConnectionAuthenticator } from './agent-connection-authenticator.js';
import { BearerStrategy } from './bearer.strategy.js';
import type { Principal } from './caller.js';

/** The secret of an agent connection. */
@Injectable()
export class AgentConnectionStrategy extends BearerStrategy {
  constructor(private readonly authenticator: AgentConnectionAuthenticator) {
    super('agent-connection');
  }

  override validate(credential: string): Promise<Principal | null> {
    return this.authenticator.authenticate(credential);
  }
}
