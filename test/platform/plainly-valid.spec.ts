import { plainToInstance, Transform } from 'class-transformer';
import { IsArray, IsInt, IsOptional, IsString, MaxLength, Min, validate, ValidateIf } from 'class-validator';
import fc from 'fast-check';
import { plainlyValid } from '../../src/platform/http/plainly-valid.js';

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

class Transforming {
  @Transform(({ value }) => String(value).toUpperCase())
  @IsString()
  word!: unknown;
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
        const instance = plainToInstance(Dto, given);
        const problems = await validate(instance, asInTheService);
        expect(plainlyValid(Dto, given)).toEqual(problems.length === 0 ? instance : undefined);
      }),
      { numRuns: 500, examples: [[{ name: 'abc' }], [{ name: 'abc', own: '', count: 1, note: 'n' }]] },
    );
  });

  it('is nothing of a class whose rules look into lists', () => {
    expect(plainlyValid(OfMany, { names: ['a'] })).toBeUndefined();
  });

  it('is what the DTO makes of it', () => {
    expect(plainlyValid(Transforming, { word: 'a' })).toStrictEqual(
      Object.assign(new Transforming(), { word: 'A' }),
    );
  });

  it.each([
    ['of no type', undefined],
    ['of a type without rules', Object],
    ['of a primitive type', String],
  ])('is nothing %s', (_what, type) => {
    expect(plainlyValid(type, {})).toBeUndefined();
  });

  it.each([[undefined], [null], ['text'], [1], [[{ name: 'abc' }]]])('is not %j', (value) => {
    expect(plainlyValid(Plain, value)).toBeUndefined();
  });
});
