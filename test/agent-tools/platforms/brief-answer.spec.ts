import { briefAnswer } from '../../../src/agent-tools/platforms/brief-answer.js';

const time = (hour: number) => ({
  slot_id: 'C14MPl8KTVST0m5rah-aEWoNHVAdfkpRjQ1tw6Ow88YByeoQ',
  starts_at: `2027-01-20T${String(hour).padStart(2, '0')}:00:00-05:00`,
});
const times = (count: number) => Array.from({ length: count }, (_, index) => time(index));
const lengthOf = (value: unknown) => JSON.stringify(value).length;

describe('an answer for a model', () => {
  it('that is short stays as it is', () => {
    const answer = { ok: true, say: 'On Wednesday I have 2 PM.', slots: times(3), more: 0 } as const;
    expect(briefAnswer(answer)).toBe(answer);
  });

  it('keeps times over the whole day, and counts those left out', () => {
    const answer = { ok: true, say: 'On Wednesday I have 9 AM.', slots: times(24), more: 2 } as const;
    const brief = briefAnswer(answer, 1000) as unknown as {
      slots: { starts_at: string }[];
      more: number;
    };
    expect(lengthOf(brief)).toBeLessThanOrEqual(1000);
    const hours = brief.slots.map(({ starts_at }) => Number(starts_at.slice(11, 13)));
    expect(hours[0]).toBe(0);
    expect(hours.at(-1)).toBeGreaterThan(15);
    expect(brief.slots.length + brief.more).toBe(26);
  });

  it('keeps the beginning of other lists', () => {
    const services = Array.from({ length: 60 }, (_, index) => ({ name: `Service ${index}` }));
    const brief = briefAnswer({ ok: true, say: 'There are many.', services }, 600) as unknown as {
      services: { name: string }[];
    };
    expect(lengthOf(brief)).toBeLessThanOrEqual(600);
    expect(brief.services.slice(0, 2)).toEqual(services.slice(0, 2));
  });

  it('keeps the sentence, and why there is no more, where nothing else is short enough', () => {
    const answer = { ok: false, code: 'slot_taken', say: 'It is taken.', note: 'x'.repeat(900) } as const;
    expect(briefAnswer(answer, 500)).toEqual({ ok: false, code: 'slot_taken', say: 'It is taken.' });
  });
});
