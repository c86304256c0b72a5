// `npm run openapi`: writes openapi.json, or with `--stdout` shows what it would write. Needs neither a database nor settings, since nothing is started.
import { writeFile } from 'node:fs/promises';
import { createApp } from './create-app.js';
import { readSettings } from './platform/config/read-settings.js';
import { openApiDocument } from './platform/openapi/openapi-document.js';

const settings = readSettings({
  PUBLIC_URL: 'http://localhost:5000',
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
  ADMIN_API_KEY: 'not-a-key-nothing-listens',
  TOKEN_ENCRYPTION_KEYS: `none:${Buffer.alloc(32).toString('base64')}`,
  GOOGLE_CLIENT_ID: 'none',
  GOOGLE_CLIENT_SECRET: 'none',
  LOG_LEVEL: 'error',
});
const app = await createApp(settings);
const text = `${JSON.stringify(openApiDocument(app), null, 2)}\n`;
await app.close();
if (process.argv.includes('--stdout')) {
  process.stdout.write(text);
} else {
  await writeFile('openapi.json', text);
  console.log('Wrote openapi.json.');
}
