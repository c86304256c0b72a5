import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { transform } from '@swc/core';

const run = promisify(execFile);

/** What is installed where this version is about to be: change both with each release. */
export const PREVIOUS_RELEASE = {
  commit: '8c5eb45b6348d1d85a14f6d2004db9f15aeea9e8',
  lastMigration: '20261127000000_voice_platforms',
};

/** The previous release, built from this repository's history. */
export interface BuiltRelease {
  /** What `npm run start:prod` runs. */
  main: string;
  remove(): Promise<void>;
}

/** @returns null in a clone whose history does not reach back to it */
export async function buildPreviousRelease(): Promise<BuiltRelease | null> {
  const { commit } = PREVIOUS_RELEASE;
  const isKnown = await run('git', ['cat-file', '-e', `${commit}^{tree}`]).then(
    () => true,
    () => false,
  );
  if (!isKnown) return null;
  const directory = await mkdtemp(join(tmpdir(), 'receptionist-previous-'));
  const archive = join(directory, 'release.tar');
  const parts = ['src', 'prisma', 'scripts', 'package.json', 'prisma.config.ts'];
  await run('git', ['archive', '--output', archive, commit, ...parts]);
  await run('tar', ['-xf', archive, '-C', directory]);
  await symlink(resolve('node_modules'), join(directory, 'node_modules'));
  await run(process.execPath, ['scripts/generate-prisma-client.mjs'], { cwd: directory });
  await compile(join(directory, 'src'), join(directory, 'dist'));
  return {
    main: join(directory, 'dist/main.js'),
    remove: () => rm(directory, { recursive: true }),
  };
}

async function compile(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { recursive: true });
  for (const entry of entries.filter((name) => name.endsWith('.ts') && !/\.(spec|d)\.ts$/.test(name))) {
    const { code } = await transform(await readFile(join(from, entry), 'utf8'), {
      filename: entry,
      swcrc: false,
      jsc: {
        target: 'es2024',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
      },
      module: { type: 'es6' },
    });
    const target = join(to, entry.replace(/\.ts$/, '.js'));
    await mkdir(dirname(target), { recursive: true });
    // What Prisma generates names its modules as they are written.
    await writeFile(target, code.replace(/((?:from|export|import) ?["'(]\.[^"']*)\.ts(["'])/g, '$1.js$2'));
  }
}
