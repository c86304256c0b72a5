import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

interface Output {
  processZone: string;
  found: unknown[][];
}

const script = fileURLToPath(new URL('./slots-as-json.ts', import.meta.url));

async function slotsInProcessZone(zone: string): Promise<Output> {
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    env: { ...process.env, TZ: zone },
  });
  return JSON.parse(stdout) as Output;
}

describe('the time zone of the process', () => {
  it('makes no difference to the slots', async () => {
    const expected = await slotsInProcessZone('UTC');
    expect(expected.found.flat().length).toBeGreaterThan(500);
    for (const zone of ['America/New_York', 'Asia/Beirut', 'Australia/Lord_Howe', 'Pacific/Apia']) {
      const output = await slotsInProcessZone(zone);
      expect(output.processZone).toBe(zone);
      expect(output.found).toEqual(expected.found);
    }
  });
});
