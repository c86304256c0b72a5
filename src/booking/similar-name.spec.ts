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
});
