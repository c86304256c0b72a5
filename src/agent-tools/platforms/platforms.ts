import { ElevenLabs } from './elevenlabs.js';
import { Retell } from './retell.js';
import { Telnyx } from './telnyx.js';
import { Twilio } from './twilio.js';
import { Vapi } from './vapi.js';
import type { VoicePlatform } from './voice-platform.js';

/** Every voice platform there is. Another one is another file and a line here. */
const PLATFORMS: readonly VoicePlatform[] = [
  new Vapi(),
  new Retell(),
  new ElevenLabs(),
  new Telnyx(),
  new Twilio(),
];

const BY_NAME: ReadonlyMap<string, VoicePlatform> = new Map(
  PLATFORMS.map((platform) => [platform.name, platform]),
);

export const PLATFORM_NAMES: readonly string[] = [...BY_NAME.keys()];

export function platformNamed(name: string): VoicePlatform | undefined {
  return BY_NAME.get(name);
}
