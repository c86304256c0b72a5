import { existsSync } from 'node:fs';

/** Takes settings from `.env` in the working directory, where there is one. What the environment already has wins. */
export function loadEnvironmentFile(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}
