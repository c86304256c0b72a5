import { readFileSync } from 'node:fs';
import { readSettings } from '../../src/platform/config/read-settings.js';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

/** Every name that reading the settings asks for, those that depend on others included. */
function namesRead(): string[] {
  const names = new Set<string>();
  const environment = new Proxy<Record<string, string>>(
    {},
    {
      get: (_target, name) => {
        names.add(String(name));
        return 'some-value';
      },
    },
  );
  expect(() => readSettings(environment)).toThrow('Settings are missing or wrong');
  return [...names].sort();
}

describe('the files that tell of settings', () => {
  it('.env.example has every setting there is, and no other', () => {
    const explained = [...read('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(explained.sort()).toEqual(namesRead());
  });

  it('compose.yaml passes each of them to the service', () => {
    const [, service = ''] = read('compose.yaml').split(/^ {2}service:$/m);
    const passed = [...service.matchAll(/^ {6}([A-Z_]+):/gm)].map(([, name]) => name);
    // One database without a pooler, and nothing kept on disk.
    const left = namesRead().filter((name) => name !== 'DIRECT_DATABASE_URL' && name !== 'DATA_DIR');
    expect(passed.sort()).toEqual(left);
  });
});
