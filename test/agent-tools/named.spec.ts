import { findNamed, similarTo } from '../../src/agent-tools/asked/named.js';

const items = [
  { id: '1', name: 'Deep Cleaning' },
  { id: '2', name: 'Cleaning' },
  { id: '3', name: 'Ana Ruiz' },
  { id: '4', name: 'Ana López' },
  { id: '5', name: 'Revisión' },
];

describe('something that callers know by its name', () => {
  it.each([
    ['cleaning', 'Cleaning'],
    ['DEEP cleaning', 'Deep Cleaning'],
    ['lopez', 'Ana López'],
    ['una revision, por favor', 'Revisión'],
    ['a deep cleaning, please', 'Deep Cleaning'],
    ['a cleaning, please', 'Cleaning'],
    ['5', 'Revisión'],
    // Either may be meant, …
    ['ana', undefined],
    // … or neither.
    ['Ana Smith', undefined],
    ['an', undefined],
    ['', undefined],
  ])('%j is %s', (said, name) => {
    expect(findNamed(items, said)?.name).toBe(name);
  });

  it('may be one of several, which are told', () => {
    expect(similarTo(items, 'Ana').map(({ name }) => name)).toEqual(['Ana Ruiz', 'Ana López']);
    expect(similarTo(items, 'an')).toEqual([]);
  });
});
