import fc from 'fast-check';
import { compareNames, isWrittenAlike } from './same-name.js';

describe('two names', () => {
  it.each([
    ['Ana Flores', 'ANA  FLORÉS'],
    ['Leo Hall', ' leo hall.'],
    ['Flores, Ana', 'Ana Flores'],
    ['Sean O’Brien', "Sean O'Brien"],
    ['Sean OBrien', "Sean O'Brien"],
    ['Anne-Marie Wolf', 'Anne Marie Wolf'],
    ['Li', 'li.'],
    ['山田太郎', '山田太郎'],
    ['José Núñez', 'Jose Nunez'],
  ])('%s and %s are the same', (one, other) => {
    expect(compareNames(one, other)).toBe('same');
    expect(compareNames(other, one)).toBe('same');
  });

  it.each([
    ['Ana Flores', 'Anna Flores'],
    ['Sara Hall', 'Sarah Hall'],
    ['Jon Reyes', 'John Reyes'],
    ['Erik Stone', 'Eric Stone'],
    ['Sofia Marks', 'Sophia Marx'],
    ['Katherine Wolf', 'Catherine Wolff'],
    ['Marta Gomes', 'Martha Gómez'],
    ['Leo', 'Leo Hall'],
  ])('%s and %s are one, spelled in two ways', (one, other) => {
    expect(compareNames(one, other)).toBe('respelled');
    expect(compareNames(other, one)).toBe('respelled');
  });

  it.each([
    ['Leo Hall', 'Ava Hall'],
    ['Ana Flores', 'Ina Flores'],
    ['Ana Flores', 'Eva Flores'],
    ['Ana Flores', 'Ana Torres'],
    ['Ben Hall', 'Ken Hall'],
    ['Hanna Wolf', 'Ana Wolf'],
    ['Leo Hall', 'Lea Hall'],
    ['Mario Reyes', 'Maria Reyes'],
    ['Mr. Hall', 'Mrs. Hall'],
    ['María', 'María José'],
    ['María López', 'María José López'],
    ['Leo', 'Leo Jr.'],
    ['Leo Hall', 'Leo Hall Jr.'],
    ['Wei Li', 'Li Wei'],
    ['Li', 'Lu'],
    ['山田太郎', '鈴木太郎'],
    ['Ana', ''],
  ])('%s and %s are two people', (one, other) => {
    expect(compareNames(one, other)).toBe('other');
    expect(compareNames(other, one)).toBe('other');
  });

  it('are the same in whatever case and spacing, and compared either way round', () => {
    const name = fc.string({
      unit: fc.constantFrom(...Array.from('abcheiostuyxzáéñü '), 'ph', 'ck', 'ss'),
      maxLength: 30,
    });
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(compareNames(one, `  ${one.toUpperCase().replace(/ /g, '   ')} `)).toBe('same');
        expect(compareNames(one, other)).toBe(compareNames(other, one));
        if (isWrittenAlike(one, other)) expect(compareNames(one, other)).toBe('same');
      }),
    );
  });
});

describe('a correction of a name', () => {
  it.each([
    ['leo hall', 'Leo  Hall', true],
    ['Jose Nunez', 'José Núñez', false],
    ['Leo Hall', 'Leon Hall', false],
  ])('from %s to %s is none: %j', (one, other, alike) => expect(isWrittenAlike(one, other)).toBe(alike));
});
