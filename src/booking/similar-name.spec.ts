import { isSimilarName } from './similar-name.js';

describe('two names', () => {
  it.each([
    ['Ana Flores', 'ANA  FLORÉS'],
    ['Ana Flores', 'Anna Flores'],
    ['Ana Flores', 'Anna Floris'],
    ['Sean O’Brien', "Shaun O'Brien"],
    ['Li', 'li.'],
    ['山田太郎', '山田太郎'],
  ])('%s and %s may be one', (one, other) => {
    expect(isSimilarName(one, other)).toBe(true);
    expect(isSimilarName(other, one)).toBe(true);
  });

  it.each([
    ['Ana Flores', 'Ben Stone'],
    ['Ana Flores', 'Ana'],
    ['Ana Flores', 'Eva Torres'],
    ['Li', 'Lu'],
    ['山田太郎', '鈴木太郎'],
  ])('%s and %s are two', (one, other) => expect(isSimilarName(one, other)).toBe(false));

  it('takes no longer for characters that stand for whole phrases', () => {
    // U+FDFA is eighteen letters, so two hundred of them were compared letter by letter with 3,600 others.
    const [one, other] = ['\ufdfa'.repeat(200), `${'\ufdfa'.repeat(199)}x`];
    const before = process.cpuUsage();
    for (let i = 0; i < 50; i += 1) isSimilarName(one, other);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(1000);
  });
});
