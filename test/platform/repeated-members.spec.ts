import fc from 'fast-check';
import { repeatedMembers } from '../../src/platform/http/repeated-members.js';

describe('names that occur twice in a JSON object', () => {
  it.each([
    ['{"a":1,"a":2}', ['a']],
    ['{"a":1,"a":1}', ['a']],
    ['{"a" \n:1,"b":2,\t"a"\t: 3}', ['a']],
    ['{"phone":"1","\\u0070hone":"2"}', ['phone']],
    ['{"a\\"b":1,"a\\"b":2}', ['a"b']],
    ['{"a":{"x":1,"b":[{"c":1,"c":2}]}}', ['c']],
    ['{"a":{"b":1},"a":{"b":1}}', ['a']],
    ['[{"a":1,"a":2}]', ['a']],
    ['{"__proto__":1,"__proto__":2}', ['__proto__']],
    ['{"":1,"":2}', ['']],
  ])('are seen in %s', (json, names) => {
    expect(() => void JSON.parse(json)).not.toThrow();
    expect(repeatedMembers(json)).toEqual(names);
  });

  it.each([
    '{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}',
    '{"a":"a","b":"a:","c":"\\"a\\":"}',
    '{"a":"}{","b":"{\\"a\\":1,\\"a\\":2}"}',
    '{"a":"\\\\","b":"\\\\\\"","c":"\\\\"}',
    '["a","a",{"a":["a","a"]}]',
    '{"a":1,"A":2}',
    '"a"',
    '[]',
  ])('are not seen in %s', (json) => {
    expect(() => void JSON.parse(json)).not.toThrow();
    expect(repeatedMembers(json)).toEqual([]);
  });

  it('are in nothing that was written by a serializer, and in every object that was pasted together', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.jsonValue(), (value, name, other) => {
        expect(repeatedMembers(JSON.stringify(value, null, 1))).toEqual([]);
        const member = `${JSON.stringify(name)}:${JSON.stringify(other)}`;
        const pasted = `{"x${'x'.repeat(80)}":${JSON.stringify(value)},${member},${member}}`;
        expect(repeatedMembers(pasted)).toEqual([name.slice(0, 64).toWellFormed()]);
      }),
    );
  });

  it('are looked for in one pass, whatever the text is', () => {
    for (const json of [
      JSON.stringify('"'.repeat(500_000)),
      JSON.stringify('\\'.repeat(500_000)),
      `{"a"${' '.repeat(1_000_000)}:1}`,
      `{${Array.from({ length: 60_000 }, (_, n) => `"name${n}":1`).join()}}`,
    ]) {
      const began = performance.now();
      expect(repeatedMembers(json)).toEqual([]);
      // Some milliseconds; anything quadratic would take minutes.
      expect(performance.now() - began).toBeLessThan(5_000);
    }
  });
});
