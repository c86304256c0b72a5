import { buildMessage, ValidateBy, type ValidationOptions } from 'class-validator';

/** `tag` as BCP 47 writes it (`en-us` becomes `en-US`); null when it is no language tag. */
export function canonicalLocale(tag: string): string | null {
  if (tag.length > 35) return null;
  try {
    const [canonical] = Intl.getCanonicalLocales(tag);
    return canonical !== undefined && canonical.length <= 35 ? canonical : null;
  } catch {
    return null; // a RangeError is how Intl says that the tag is not well formed
  }
}

/** Validates that a field is a BCP 47 language tag. */
export function IsLocale(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isLocale',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && canonicalLocale(value) !== null,
        defaultMessage: buildMessage(
          (eachPrefix) => `${eachPrefix}$property must be a BCP 47 language tag, such as en-US`,
          options,
        ),
      },
    },
    options,
  );
}
