import type { ToolAnswer } from '../tool-runner.js';

/** In characters of JSON: a model reads all of it before it speaks. Far below any platform's limit (Retell's is 15,000). */
const LONGEST_ANSWER = 6_000;

/**
 * The same answer, short enough to be read while a caller waits: long lists are thinned, times evenly over the day and others
 * from their end. What is left out can still be asked for, and booked by day and time.
 */
export function briefAnswer(answer: ToolAnswer, longest = LONGEST_ANSWER): ToolAnswer {
  let brief = answer;
  while (lengthOf(brief) > longest) {
    const [list] = listsOf(brief).sort(([, a], [, b]) => lengthOf(b) - lengthOf(a));
    if (list === undefined) return essenceOf(answer);
    brief = withThinned(brief, list);
  }
  return brief;
}

type NamedList = [name: string, items: readonly unknown[]];

function listsOf(answer: ToolAnswer): NamedList[] {
  return Object.entries(answer).flatMap(([name, value]) =>
    Array.isArray(value) && value.length > 1 ? [[name, value] satisfies NamedList] : [],
  );
}

function withThinned(answer: ToolAnswer, [name, items]: NamedList): ToolAnswer {
  const kept = items.every(isTime)
    ? items.filter((_, index) => index % 2 === 0)
    : items.slice(0, Math.ceil(items.length / 2));
  const { more } = answer as { more?: unknown };
  const isCounted = name === 'slots' && typeof more === 'number';
  return { ...answer, [name]: kept, ...(isCounted ? { more: more + items.length - kept.length } : {}) };
}

function isTime(item: unknown): boolean {
  return typeof item === 'object' && item !== null && Object.hasOwn(item, 'starts_at');
}

/** What cannot be left out. */
function essenceOf(answer: ToolAnswer): ToolAnswer {
  const { say } = answer;
  return answer.ok ? { ok: true, say } : { ok: false, code: answer.code, say };
}

function lengthOf(value: unknown): number {
  return JSON.stringify(value).length;
}
