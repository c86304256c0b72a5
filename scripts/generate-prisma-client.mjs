// Generates the Prisma client when the schema changed since the last run.
// Generating does not use Prisma's schema engine, but the CLI insists on having one and downloads it. Any executable
// satisfies it, so that a machine which reaches only the npm registry can build.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const output = 'src/platform/database/generated';
const { version } = createRequire(import.meta.url)('prisma/package.json');
const fingerprint = createHash('sha256')
  .update(readFileSync('prisma/schema.prisma'))
  .update(version)
  .digest('hex');
const stamp = `${output}/.fingerprint`;

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== fingerprint) {
  execFileSync(process.execPath, ['node_modules/prisma/build/index.js', 'generate'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, ...process.env, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  });
  writeFileSync(stamp, fingerprint);
}
