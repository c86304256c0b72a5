import type { ToolAnswer } from '../tool-runner.js';
import type { CallVariables, PlatformRequest, VoicePlatform } from './voice-platform.js';

/** All that a prompt may refer to, so that nothing is read out in braces. */
const NOTHING_KNOWN: CallVariables = {
  ...{ business_name: '', timezone: '', now: '', today: '' },
  ...{ caller_number: '', opening_hours: '', services: '' },
};

/** What a platform is answered where none of its calls could be run: each gets `answer`, matched by its id. */
export function apologyInFormOf(
  platform: VoicePlatform,
  request: PlatformRequest,
  answer: ToolAnswer,
): object {
  const event = platform.read(request);
  switch (event.kind) {
    case 'tools':
      return platform.render(
        event.calls.map((call) => ({ ...call, answer })),
        request,
      );
    case 'call_started':
      return platform.renderCallStart(NOTHING_KNOWN);
    case 'call_ended':
    case 'notice':
      return { received: true };
  }
}
