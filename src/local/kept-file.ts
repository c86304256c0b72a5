import { readFile, rename, writeFile } from 'node:fs/promises';
import { reasonOf, StartError } from './start-error.js';

/**
 * Reads what `keep` wrote.
 * @returns undefined when there is no such file
 * @throws StartError when the file cannot be read, or `isWhole` says that it is not what was written
 */
export async function readKept<Kept>(
  path: string,
  isWhole: (value: unknown) => value is Kept,
  remedy: string,
): Promise<Kept | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new StartError(`${path} cannot be read (${reasonOf(error)}).`, { cause: error });
  }
  const value = parsed(text);
  if (!isWhole(value)) throw new StartError(`${path} is damaged. ${remedy}`);
  return value;
}

/** Written beside and moved into place, so that a process killed half-way leaves the old file whole. For its owner only. */
export async function keep(path: string, value: unknown): Promise<void> {
  const unfinished = `${path}.unfinished`;
  await writeFile(unfinished, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(unfinished, path);
}

export function isStrings(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((entry) => typeof entry === 'string');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
