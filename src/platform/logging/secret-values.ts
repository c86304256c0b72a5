import { Secret } from '../config/secret.js';
import type { Settings } from '../config/settings.js';

/** Every secret among the settings as it is, for the one purpose of keeping it out of the logs. */
export function secretValues(settings: Settings): string[] {
  const values = secretsIn(settings);
  const passwords = values
    .map((value) => URL.parse(value)?.password ?? '')
    .filter((password) => password !== '');
  return [...values, ...passwords, ...passwords.map(decodeURIComponent)];
}

function secretsIn(value: unknown): string[] {
  if (value instanceof Secret) return [value.reveal()];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(secretsIn);
}
