import { Injectable } from '@nestjs/common';
import type { Author } from '../../booking/author.js';
import type { AuthenticRequest } from '../connections/connection.guard.js';
import { ToolRunner } from '../tool-runner.js';
import { CallStart } from './call-start.js';
import type { PlatformEvent } from './voice-platform.js';

/** Does what a voice platform asks for, and answers as it wants. */
@Injectable()
export class VoiceEvents {
  constructor(
    private readonly runner: ToolRunner,
    private readonly callStart: CallStart,
  ) {}

  async answer({ platform, connection, request }: AuthenticRequest, author: Author): Promise<object> {
    const event = platform.read(request);
    switch (event.kind) {
      case 'tools':
        return platform.render(await this.#run(event, connection, author));
      case 'call_started':
        return platform.renderCallStart(await this.callStart.variables(connection, event.voiceCall, author));
      case 'call_ended':
      case 'notice':
        return { received: true };
    }
  }

  /** Side by side, so that the caller waits for the slowest only; one that fails says so by itself. */
  async #run(
    { calls, voiceCall: { id, caller, dialled } }: Extract<PlatformEvent, { kind: 'tools' }>,
    { tenant, serviceIds, resourceIds, locale }: AuthenticRequest['connection'],
    author: Author,
  ) {
    const voiceCall = { id: id ?? null, caller: caller ?? null, dialled: dialled ?? null };
    return Promise.all(
      calls.map(async (call) => ({
        ...call,
        answer: await this.runner.run(tenant, author, {
          tool: call.tool,
          body: call.arguments,
          voiceCall,
          scope: { serviceIds, resourceIds },
          ...(locale === null ? {} : { locale }),
        }),
      })),
    );
  }
}
