/*
 * Writes requests as the vendors' own code signs them, or verifies them, to test/agent-tools/platforms/fixtures/signed/.
 * The same in every run: secrets, keys and times are fixed.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import type { SignedRequest } from '../test/agent-tools/platforms/signed-request.ts';
import { at } from './signed/clock.ts';
import { elevenLabs } from './signed/elevenlabs.ts';
import { NOW } from './signed/made-up.ts';
import { retell } from './signed/retell.ts';
import { telnyx } from './signed/telnyx.ts';
import { twilio } from './signed/twilio.ts';
import { vapi } from './signed/vapi.ts';

const FIXTURES = new URL('../test/agent-tools/platforms/fixtures/signed/', import.meta.url);

const VENDORS: Record<string, () => SignedRequest[] | Promise<SignedRequest[]>> = {
  elevenlabs: elevenLabs,
  retell,
  telnyx,
  twilio,
  vapi,
};

await mkdir(FIXTURES, { recursive: true });
for (const [name, requests] of Object.entries(VENDORS)) {
  const written = await at(NOW, requests);
  await writeFile(new URL(`${name}.json`, FIXTURES), `${JSON.stringify(written, null, 2)}\n`);
  console.log(`${name}: ${written.length} requests`);
}
