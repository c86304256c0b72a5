import { ApiProperty } from '@nestjs/swagger';
import type { CheckResult, Checks } from './readiness.js';

export class LiveAnswer {
  @ApiProperty({ example: 'live', enum: ['live'] })
  status!: 'live';
}

class ChecksAnswer implements Checks {
  @ApiProperty({ description: 'The database answers.', enum: ['ok', 'failing'], example: 'ok' })
  database!: CheckResult;

  @ApiProperty({ description: 'All migrations are applied.', enum: ['ok', 'failing'], example: 'ok' })
  migrations!: CheckResult;

  @ApiProperty({ description: 'Background jobs are taken.', enum: ['ok', 'failing'], example: 'ok' })
  jobs!: CheckResult;
}

export class ReadyAnswer {
  @ApiProperty({ example: 'ready', enum: ['ready'] })
  status!: 'ready';

  @ApiProperty({ type: ChecksAnswer })
  checks!: ChecksAnswer;
}
