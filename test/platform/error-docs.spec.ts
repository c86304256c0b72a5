import { readFileSync } from 'node:fs';
import { ERROR_CODES } from '../../src/platform/errors/error-codes.js';

describe('docs/errors.md', () => {
  it('explains every error code with its status, and no others', () => {
    const rows = [...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `(\w+)` *\| (\d{3}) *\|/gm)];
    const documented = rows.map(([, code, status]) => [code, Number(status)]);
    expect(documented).toEqual(Object.entries(ERROR_CODES).map(([code, { status }]) => [code, status]));
  });
});
