import { Injectable } from '@nestjs/common';
import type { Author } from '../../booking/author.js';
import { HoldsService } from '../../booking/holds.service.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { Deadline } from '../../platform/deadline.js';
import { callKey } from '../call/call-key.js';
import { type ReportedCall, unlessRepeated } from '../call/reported-call.js';
import { UNKNOWN_CALL } from '../call/voice-call.js';
import type { AuthenticRequest } from '../connections/connection.guard.js';
import { type ToolAnswer, ToolRunner } from '../tool-runner.js';
import { CallStart } from './call-start.js';
import type { AnsweredToolCall, PlatformEvent, PlatformToolCall } from './voice-platform.js';

/** What a call leaves behind is put in order beside the answer, where that takes longer. */
const LONGEST_GIVING_BACK_MS = 1_800;
/** More than a model ever calls in one request. */
const MOST_CALLS = 20;
/** For the model: no caller asks for so much. */
const TOO_MANY: ToolAnswer = {
  ok: false,
  code: 'unavailable',
  say: 'That was too much at once. Please ask for this one again.',
};

/** Does what a voice platform asks for, and answers as it wants. */
@Injectable()
export class VoiceEvents {
  constructor(
    private readonly runner: ToolRunner,
    private readonly callStart: CallStart,
    private readonly holds: HoldsService,
  ) {}

  async answer({ platform, connection, request }: AuthenticRequest, author: Author): Promise<object> {
    const event = platform.read(request);
    if (event.kind === 'notice') return { received: true };
    const voiceCall = unlessRepeated(event.voiceCall, request.repeatedMembers);
    switch (event.kind) {
      case 'tools':
        return platform.render(await this.#run({ ...event, voiceCall }, connection, author), request);
      case 'call_started':
        return platform.renderCallStart(await this.callStart.variables(connection, voiceCall, author));
      case 'call_ended':
        await this.#giveBackHolds(connection.tenant, voiceCall, author);
        return { received: true };
    }
  }

  /** What a caller who has hung up was still thinking about is free for the next one at once. */
  async #giveBackHolds(tenant: TenantId, { id }: ReportedCall, author: Author): Promise<void> {
    const heldFor = callKey(author, { ...UNKNOWN_CALL, id });
    if (heldFor === undefined) return;
    const released = this.holds.releaseOf(tenant, heldFor, { ...author, callId: id });
    await Deadline.in(LONGEST_GIVING_BACK_MS).race(released);
  }

  /** Side by side, so that the caller waits for the slowest only; one that fails says so by itself. */
  async #run(
    { calls, voiceCall }: Extract<PlatformEvent, { kind: 'tools' }>,
    { tenant, serviceIds, resourceIds, locale }: AuthenticRequest['connection'],
    author: Author,
  ) {
    const run = async (call: PlatformToolCall): Promise<AnsweredToolCall> => ({
      ...call,
      answer: await this.runner.run(tenant, author, {
        tool: call.tool,
        body: call.arguments,
        voiceCall,
        toolCallId: call.id,
        scope: { serviceIds, resourceIds },
        ...(locale === null ? {} : { locale }),
      }),
    });
    const answered = await Promise.all(calls.slice(0, MOST_CALLS).map(run));
    return [...answered, ...calls.slice(MOST_CALLS).map((call) => ({ ...call, answer: TOO_MANY }))];
  }
}
