/*
 * Holds what this service emits, as `npm run emitted` wrote it, against what the vendors' SDKs know of it: writes each fixture
 * as a literal of the vendor's type to generated/, for `tsc`, and reads the others with the SDK's own code.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { READERS } from './readers.ts';
import { UNTYPED, VENDOR_TYPES } from './vendor-types.ts';

const FIXTURES = new URL('../test/agent-tools/platforms/fixtures/', import.meta.url);
const GENERATED = new URL('generated/', import.meta.url);

await rm(GENERATED, { recursive: true, force: true });
await mkdir(GENERATED);
for (const folder of ['definitions', 'answers', 'call-starts']) {
  for (const file of await readdir(new URL(`${folder}/`, FIXTURES))) {
    await check(`${folder}/${file.replace(/\.json$/, '')}`);
  }
}

async function check(name: string): Promise<void> {
  const json = await readFile(new URL(`${name}.json`, FIXTURES), 'utf8');
  const type = VENDOR_TYPES[name];
  if (type !== undefined) {
    // A literal, so that the compiler finds fields that the vendor does not know.
    const text = `${type.from}\n\nexport const value: ${type.type} = ${json.trim()};\n`;
    await writeFile(new URL(`${name.replace('/', '-')}.ts`, GENERATED), text);
  }
  const reader = READERS[name];
  await reader?.(JSON.parse(json));
  const by = [
    type?.type,
    reader && 'read by the SDK',
    UNTYPED.includes(name) ? 'nothing is published' : undefined,
  ];
  const found = by.filter((each) => each !== undefined);
  if (found.length === 0)
    throw new Error(`${name} is in none of the lists of vendor-types.ts and readers.ts`);
  console.log(`${name}: ${found.join('; ')}`);
}
