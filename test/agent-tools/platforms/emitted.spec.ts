import { readFileSync } from 'node:fs';
import { PLATFORM_NAMES, platformNamed } from '../../../src/agent-tools/platforms/platforms.js';
import { TOOL_SPECIFICATIONS } from '../../../src/agent-tools/tools.js';
import { asJson, emitted } from './emitted.js';

const code = { tools: TOOL_SPECIFICATIONS, platformNames: PLATFORM_NAMES, platformNamed };

describe('what voice platforms are given', () => {
  it.each([...emitted(code)])('is what was checked against the vendors’ types: %s', (name, value) => {
    // Where it is not: `npm run emitted`, then `npm run check` in vendor-check.
    const checked: unknown = JSON.parse(
      readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'),
    );
    expect(asJson(value)).toEqual(checked);
  });
});
