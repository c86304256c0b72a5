import { Bland } from './bland.js';
import { ElevenLabs } from './elevenlabs.js';
import { Generic } from './generic.js';
import { Mcp } from './mcp.js';
import { OpenAi } from './openai.js';
import { Retell } from './retell.js';
import { Synthflow } from './synthflow.js';
import { Telnyx } from './telnyx.js';
import { Twilio } from './twilio.js';
import { Ultravox } from './ultravox.js';
import { Vapi } from './vapi.js';
import type { VoicePlatform } from './voice-platform.js';

/** Every voice platform there is. Another one is another file and a line here. */
const PLATFORMS: readonly VoicePlatform[] = [
  new Vapi(),
  new Retell(),
  new ElevenLabs(),
  new Telnyx(),
  new Twilio(),
  new Bland(),
  new Ultravox(),
  new Synthflow(),
  new OpenAi(),
  new Mcp(),
  new Generic(),
];

const BY_NAME: ReadonlyMap<string, VoicePlatform> = new Map(
  PLATFORMS.map((platform) => [platform.name, platform]),
);

export const PLATFORM_NAMES: readonly string[] = [...BY_NAME.keys()];

export function platformNamed(name: string): VoicePlatform | undefined {
  return BY_NAME.get(name);
}

/** Every format of tool definitions, of all platforms. */
export const DEFINITION_FORMATS: readonly string[] = PLATFORMS.flatMap(({ formats }) => formats);

/** Whose format of tool definitions that is. */
export function platformOfFormat(format: string): VoicePlatform | undefined {
  return PLATFORMS.find(({ formats }) => formats.includes(format));
}
