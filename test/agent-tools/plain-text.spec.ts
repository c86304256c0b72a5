import { plainText } from '../../src/agent-tools/language/plain-text.js';

describe('text made plain', () => {
  it('keeps what other scripts take apart', () => {
    expect(plainText('Miércoles, 2:30 p. m.')).toBe('miercoles 2:30 pm');
    expect(plainText('각하'.repeat(20))).toBe('각하'.repeat(20).normalize('NFKD'));
  });

  it.each(['\ufdfa', '\ufdfb', '㌀'])('does not grow beyond bounds: %s', (phrase) => {
    expect(plainText(phrase.repeat(200)).length).toBeLessThanOrEqual(600);
  });
});
