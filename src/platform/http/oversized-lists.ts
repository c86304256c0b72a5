import { getMetadataStorage } from 'class-validator';
import { createRequire } from 'node:module';
import type { FieldProblem } from '../errors/domain-error.js';

/** What class-transformer knows of the types of nested objects: it has no public way to ask. */
const { defaultMetadataStorage } = createRequire(import.meta.url)('class-transformer/cjs/storage.js') as {
  defaultMetadataStorage: {
    findTypeMetadata(target: unknown, property: string): { typeFunction: () => unknown } | undefined;
  };
};

/** Elements of all lists of one request together: more than any route takes. */
const MOST_ELEMENTS = 5_000;

interface Bounds {
  /** As many elements as the list may have. */
  most?: number;
  /** The DTO of its elements, or of the object that it is. */
  nested?: object;
}

/** By DTO, for each property that is a list or an object. */
const known = new WeakMap<object, ReadonlyMap<string, Bounds>>();

/**
 * The lists in `value` that are longer than its DTO allows. class-validator would look at each of their elements all the same,
 * and report on each.
 */
export function oversizedLists(type: unknown, value: unknown): FieldProblem[] {
  const problems: FieldProblem[] = [];
  let elements = 0;
  const look = (dto: object, object: object, path: string): void => {
    for (const [name, { most = Infinity, nested }] of boundsOf(dto)) {
      const given: unknown = (object as Record<string, unknown>)[name];
      const field = path === '' ? name : `${path}.${name}`;
      if (!Array.isArray(given)) {
        if (nested !== undefined && isObject(given)) look(nested, given, field);
        continue;
      }
      if (given.length > most) {
        problems.push({ field, message: `must contain no more than ${most} elements` });
        continue;
      }
      elements += given.length;
      if (elements > MOST_ELEMENTS) {
        problems.push({ field, message: 'has too many elements, those of the lists before it counted' });
        return;
      } else if (nested !== undefined) {
        for (const [index, one] of given.entries()) {
          if (problems.length > 0) return;
          if (isObject(one)) look(nested, one, `${field}[${index}]`);
        }
      }
    }
  };
  if (typeof type === 'function' && isObject(value)) look(type, value, '');
  return problems;
}

function boundsOf(dto: object): ReadonlyMap<string, Bounds> {
  let bounds = known.get(dto);
  if (bounds === undefined) {
    const found = new Map<string, Bounds>();
    const rules = getMetadataStorage().getTargetValidationMetadatas(dto as typeof Object, '', false, false);
    for (const { name, constraints, propertyName } of rules) {
      const bound = found.get(propertyName) ?? nestedBounds(dto, propertyName);
      if (name === 'arrayMaxSize') bound.most = (constraints as number[])[0] ?? Infinity;
      found.set(propertyName, bound);
    }
    bounds = new Map([...found].filter(([, bound]) => Object.keys(bound).length > 0));
    known.set(dto, bounds);
  }
  return bounds;
}

function nestedBounds(dto: object, property: string): Bounds {
  const nested = defaultMetadataStorage.findTypeMetadata(dto, property)?.typeFunction();
  return typeof nested === 'function' ? { nested } : {};
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
