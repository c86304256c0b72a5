import { plainToInstance } from 'class-transformer';
import {
  getMetadataStorage,
  type ValidationArguments,
  type ValidatorConstraintInterface,
  ValidationTypes,
} from 'class-validator';

type ValidationMetadata = ReturnType<
  ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']
>[number];
type Condition = (object: object, value: unknown) => boolean;

interface Check {
  rule: ValidatorConstraintInterface;
  constraints: unknown[];
}

interface Property {
  /** All of them hold, or the value is not looked at. */
  conditions: Condition[];
  checks: Check[];
}

/** What each DTO asks of its properties; null for classes that only class-validator itself understands. */
const plans = new WeakMap<object, Map<string, Property> | null>();

/**
 * The instance of the DTO that `value` becomes, where it passes all of its rules and has no property without one. Asks
 * class-validator's own rules in their order, but reads which they are only once for each class, so that a valid request does
 * not pay for the report that an invalid one gets.
 * @param type what a handler's parameter is declared as
 * @returns undefined also where it cannot tell: types without rules, with nested, asynchronous or other than plain ones
 */
export function plainlyValid(type: unknown, value: unknown): object | undefined {
  if (typeof type !== 'function' || typeof value !== 'object' || value === null || Array.isArray(value))
    return;
  let plan = plans.get(type);
  if (plan === undefined) {
    plan = planOf(type);
    plans.set(type, plan);
  }
  if (plan === null) return;
  const instance = plainToInstance(type as new () => object, value);
  return passes(plan, instance) ? instance : undefined;
}

function passes(plan: Map<string, Property>, object: object): boolean {
  for (const name of Object.keys(object)) if (!plan.has(name)) return false;
  for (const [name, { conditions, checks }] of plan) {
    const value: unknown = (object as Record<string, unknown>)[name];
    if (!conditions.every((holds) => holds(object, value))) continue;
    for (const { rule, constraints } of checks) {
      const given: ValidationArguments = {
        targetName: object.constructor.name,
        property: name,
        object,
        value,
        constraints,
      };
      if (rule.validate(value, given) !== true) return false;
    }
  }
  return true;
}

function planOf(target: unknown): Map<string, Property> | null {
  const storage = getMetadataStorage();
  const rules = storage.getTargetValidationMetadatas(target as typeof Object, '', false, false);
  const plan = new Map<string, Property>();
  for (const rule of rules) {
    const property = plan.get(rule.propertyName) ?? { conditions: [], checks: [] };
    plan.set(rule.propertyName, property);
    if (rule.type === ValidationTypes.CONDITIONAL_VALIDATION) {
      property.conditions.push((rule.constraints as Condition[])[0] as Condition);
    } else if (isPlain(rule)) {
      for (const { instance, async } of storage.getTargetValidatorConstraints(rule.constraintCls)) {
        if (async) return null;
        property.checks.push({ rule: instance, constraints: rule.constraints as unknown[] });
      }
    } else if (rule.type !== ValidationTypes.WHITELIST) {
      return null;
    }
  }
  return plan.size > 0 ? plan : null;
}

function isPlain({ type, each, validateIf }: ValidationMetadata): boolean {
  return type === ValidationTypes.CUSTOM_VALIDATION && !each && validateIf === undefined;
}
