/*
 * `npm run emitted`, after a change of tools or platforms: writes what voice platforms are given to fixtures/, which
 * emitted.spec.ts compares with the code and vendor-check/ with the vendors' own types.
 */
import 'reflect-metadata';
import { mkdir, rm, writeFile } from 'node:fs/promises';

// Node strips types, but takes a path for what it says and knows no decorators: the service comes as it was built.
const load = (path: string): Promise<unknown> => import(new URL(path, import.meta.url).href);
const { emitted } = (await load('./emitted.ts')) as typeof import('./emitted.js');
const built = '../../../dist/agent-tools';
const { TOOL_SPECIFICATIONS } = (await load(
  `${built}/tools.js`,
)) as typeof import('../../../src/agent-tools/tools.js');
const { PLATFORM_NAMES, platformNamed } = (await load(
  `${built}/platforms/platforms.js`,
)) as typeof import('../../../src/agent-tools/platforms/platforms.js');

const FIXTURES = new URL('fixtures/', import.meta.url);

for (const folder of ['definitions', 'answers', 'call-starts']) {
  await rm(new URL(folder, FIXTURES), { recursive: true, force: true });
  await mkdir(new URL(folder, FIXTURES), { recursive: true });
}
const code = { tools: TOOL_SPECIFICATIONS, platformNames: PLATFORM_NAMES, platformNamed };
for (const [name, value] of emitted(code)) {
  await writeFile(new URL(`${name}.json`, FIXTURES), `${JSON.stringify(value, null, 2)}\n`);
}
