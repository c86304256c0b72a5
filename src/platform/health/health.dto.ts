import { ApiProperty } from '@nestjs/swagger';
import { CLOCK_TOLERANCE_MS } from '../time/clock.js';
import type { CheckResult, Checks } from './readiness.js';

export class LiveAnswer {
  @ApiProperty({ example: 'live', enum: ['live'] })
  status!: 'live';
}

class ChecksAnswer implements Checks {
  @ApiProperty({ description: 'The database answers.', enum: ['ok', 'failing'], example: 'ok' })
  database!: CheckResult;

  @ApiProperty({
    description: 'The database takes writes: it is neither read-only nor without room on its disk.',
    enum: ['ok', 'failing'],
    example: 'ok',
  })
  writes!: CheckResult;

  @ApiProperty({ description: 'All migrations are applied.', enum: ['ok', 'failing'], example: 'ok' })
  migrations!: CheckResult;

  @ApiProperty({
    description: 'Background jobs have been taken lately.',
    enum: ['ok', 'failing'],
    example: 'ok',
  })
  jobs!: CheckResult;
}

export class ClockAnswer {
  @ApiProperty({
    description: '`off` when this machine’s clock is more than three seconds from the database’s.',
    enum: ['ok', 'off', 'unknown'],
    example: 'ok',
  })
  state!: 'ok' | 'off' | 'unknown';

  @ApiProperty({
    description: 'By how much it is ahead (negative: behind); null before it was first compared.',
    type: Number,
    nullable: true,
    example: 0.002,
  })
  offsetSeconds!: number | null;
}

/** @param offsetMs by how much this machine's clock is ahead of the database's; null while that is not known */
export function clockAnswer(offsetMs: number | null): ClockAnswer {
  if (offsetMs === null) return { state: 'unknown', offsetSeconds: null };
  return { state: Math.abs(offsetMs) > CLOCK_TOLERANCE_MS ? 'off' : 'ok', offsetSeconds: offsetMs / 1000 };
}

export class ReadyAnswer {
  @ApiProperty({ example: 'ready', enum: ['ready'] })
  status!: 'ready';

  @ApiProperty({ type: ChecksAnswer })
  checks!: ChecksAnswer;

  @ApiProperty({ type: ClockAnswer })
  clock!: ClockAnswer;
}
