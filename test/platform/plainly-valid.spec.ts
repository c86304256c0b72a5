import { IsArray, IsInt, IsOptional, IsString, MaxLength, Min, validate, ValidateIf } from 'class-validator';
import fc from 'fast-check';
import { isPlainlyValid } from '../../src/platform/http/plainly-valid.js';

class Plain {
  @IsString()
  @MaxLength(3)
  name!: unknown;

  @IsOptional()
  @IsInt()
  @Min(1)
  count?: unknown;

  @IsOptional()
  @ValidateIf(({ count }: Plain) => count === 1)
  @IsString()
  note?: unknown;
}

class Inheriting extends Plain {
  @IsString()
  own!: unknown;
}

class OfMany {
  @IsArray()
  @IsString({ each: true })
  names!: unknown;
}

const values = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, 0, 1, 2, 1.5, '', 'abc', 'abcd', [], {}, true),
  fc.string({ maxLength: 5 }),
);
const members = fc.dictionary(fc.constantFrom('name', 'count', 'note', 'own', 'other', 'toString'), values);
const asInTheService = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: false };

describe('what is plainly valid', () => {
  it.each([
    ['a class', Plain],
    ['a class that inherits rules', Inheriting],
  ])('is what class-validator finds nothing wrong with: %s', async (_what, Dto) => {
    await fc.assert(
      fc.asyncProperty(members, async (given) => {
        const instance = Object.assign(new Dto(), given);
        const problems = await validate(instance, asInTheService);
        expect(isPlainlyValid(instance)).toBe(problems.length === 0);
      }),
      { numRuns: 500, examples: [[{ name: 'abc' }], [{ name: 'abc', own: '', count: 1, note: 'n' }]] },
    );
  });

  it('is nothing of a class whose rules look into lists', () => {
    expect(isPlainlyValid(Object.assign(new OfMany(), { names: ['a'] }))).toBe(false);
  });
});
