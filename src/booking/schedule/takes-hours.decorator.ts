import { TakesBodyOf } from '../../platform/http/route-options.js';

/** For routes whose bodies hold working hours or holidays: a thousand dates, each with hours of its own, are some 120 KB. */
export const TakesHours = (): MethodDecorator => TakesBodyOf({ bytes: 256 * 1024 });
