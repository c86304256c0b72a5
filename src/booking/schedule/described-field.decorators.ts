import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsInt,
  IsNotEmpty,
  IsString,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
} from 'class-validator';

/** Without line breaks, and without the characters that turn the direction of what is around them. */
const toOneLine = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? value.replace(/[\s\p{Cc}\p{Bidi_Control}]+/gu, ' ').trim() : value;

const trimmed = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? value.trim() : value;

const toLowerCase = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);

/** May be left out, but not be null. */
export const IfGiven = (): PropertyDecorator => ValidateIf((_dto, value) => value !== undefined);

/** May be left out, and may be null, which says something else. */
export const OrNull = (): PropertyDecorator =>
  ValidateIf((_dto, value) => value !== undefined && value !== null);

/** What people call something, in one line. */
export const IsName = (): PropertyDecorator =>
  applyDecorators(
    Transform(toOneLine),
    IsString(),
    Matches(/[\p{L}\p{N}\p{So}]/u, { message: '$property must have a letter in it' }),
    MaxLength(200),
  );

/** A text in one line; none is null, not an empty one. */
export const IsOneLine = (mostCharacters: number): PropertyDecorator =>
  applyDecorators(Transform(toOneLine), IsString(), IsNotEmpty(), MaxLength(mostCharacters));

/** A text of several lines; none is null, not an empty one. */
export const IsProse = (mostCharacters: number): PropertyDecorator =>
  applyDecorators(Transform(trimmed), IsString(), IsNotEmpty(), MaxLength(mostCharacters));

export const IsWholeNumber = (least: number, most: number): PropertyDecorator =>
  applyDecorators(IsInt(), Min(least), Max(most));

/** Ids, each once; a UUID is the same in capitals. */
export const IsIdList = (most: number): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(toLowerCase) : value)),
    IsArray(),
    ArrayMaxSize(most),
    ArrayUnique({ message: '$property must not name one twice' }),
    IsUUID(undefined, { each: true }),
  );

export const IsId = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => toLowerCase(value)),
    IsUUID(),
  );
