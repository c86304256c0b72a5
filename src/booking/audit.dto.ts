import { ApiProperty } from '@nestjs/swagger';
import {
  AUDIT_ACTIONS,
  type AuditAction,
  type AuditChanges,
  CALL_ID_ORIGINS,
  type CallIdOrigin,
} from './audit.js';
import { ACTOR_KINDS, type ActorKind } from './author.js';
import { PageQueryDto } from './schedule/page-query.dto.js';

export class AuditQueryDto extends PageQueryDto {}

class AuditActorDto {
  @ApiProperty({ enum: ACTOR_KINDS, example: 'api_key' })
  kind!: ActorKind;

  @ApiProperty({
    description: 'The id of the API key or agent connection, or the `sub` of the dashboard’s JWT.',
    nullable: true,
    type: String,
    example: '5c0d6f0a-0f5e-4c39-8f5a-9d0a3c1b2e4f',
  })
  id!: string | null;

  @ApiProperty({
    description: 'What the API key is called, while there is such a key.',
    nullable: true,
    type: String,
    example: 'Voice agent',
  })
  name!: string | null;
}

class AuditEntryDto {
  @ApiProperty({ format: 'date-time', example: '2027-01-18T15:04:05.000Z' })
  at!: string;

  @ApiProperty({ enum: AUDIT_ACTIONS, example: 'rescheduled' })
  action!: AuditAction;

  @ApiProperty({ type: AuditActorDto })
  actor!: AuditActorDto;

  @ApiProperty({
    description: 'The `X-Request-Id` of the request that did it.',
    nullable: true,
    type: String,
    example: '0f8fad5b-d9cb-469f-a165-70867728950e',
  })
  requestId!: string | null;

  @ApiProperty({
    description:
      'The conversation’s id: the voice platform’s own or, where it sent none, what the arguments said (`call_id`).',
    nullable: true,
    type: String,
    example: 'CA1234567890',
  })
  callId!: string | null;

  @ApiProperty({
    description:
      'Where that id is from. Nothing goes by one that an `argument` named: a model fills those in. Null where there is no id, ' +
      'and for older entries.',
    enum: CALL_ID_ORIGINS,
    nullable: true,
    example: 'platform',
  })
  callIdFrom!: CallIdOrigin | null;

  @ApiProperty({
    description: 'What changed, by field; instants in UTC.',
    type: 'object',
    additionalProperties: {
      type: 'object',
      properties: {
        from: { type: 'string', nullable: true },
        to: { type: 'string', nullable: true },
      },
    },
    example: {
      startsAt: { from: '2027-01-20T19:00:00.000Z', to: '2027-01-20T20:00:00.000Z' },
      endsAt: { from: '2027-01-20T20:00:00.000Z', to: '2027-01-20T21:00:00.000Z' },
    },
  })
  changes!: AuditChanges;
}

export class AuditPageDto {
  @ApiProperty({ type: [AuditEntryDto] })
  items!: AuditEntryDto[];

  @ApiProperty({ description: 'Null on the last page.', nullable: true, type: String, example: null })
  nextCursor!: string | null;
}
