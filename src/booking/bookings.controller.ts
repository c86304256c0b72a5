import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Authenticated } from '../tenant/authenticated.decorator.js';
import { CurrentTenant } from '../tenant/current-tenant.decorator.js';
import { AuditPageDto, AuditQueryDto } from './audit.dto.js';
import { AuditService } from './audit.service.js';
import type { Author } from './author.js';
import { BookingListQueryDto, BookingPageDto } from './booking-list.dto.js';
import {
  BookingDto,
  CancelBookingDto,
  CreateBookingDto,
  EditBookingDto,
  RescheduleBookingDto,
  withoutExtensionInPhone,
} from './booking.dto.js';
import { BookingService } from './booking.service.js';
import { CurrentAuthor } from './current-author.decorator.js';
import { ApiIdempotencyKey, IdempotencyKey } from './idempotency-key.decorator.js';
import { ApiRefusals } from './refusals.openapi.js';

@ApiTags('Bookings')
@Controller('api/bookings')
export class BookingsController {
  constructor(
    private readonly bookings: BookingService,
    private readonly audit: AuditService,
  ) {}

  @Post()
  @Authenticated({ scopes: ['dashboard', 'agent'] })
  @ApiOperation({
    summary: 'Book',
    description:
      'Refused with 409 `slot_taken` or 422 `outside_availability`, both with `alternatives`. The booking stands as soon ' +
      'as it is answered; `calendar.status` says whether the event is in the connected calendar yet. With `holdId`, the ' +
      'hold becomes the booking; one that has run out is booked like any other time, if that is still free.',
  })
  @ApiIdempotencyKey('booking')
  @ApiBody({
    type: CreateBookingDto,
    examples: {
      byStart: {
        summary: 'By start',
        value: {
          startsAt: '2027-01-20T14:00:00-05:00',
          name: 'Ana Flores',
          phone: '+14155550123',
          email: 'ana@example.com',
          purpose: 'Check-up',
        },
      },
      bySlot: {
        summary: 'By a slot that was offered',
        value: {
          slotId: 'C14MPl8KTVST0m5rah-aEWoNHVAdfkpRjQ1tw6Ow88YByeoQ',
          name: 'Ana Flores',
          phone: '+14155550123',
        },
      },
      byHold: {
        summary: 'By a hold',
        value: {
          holdId: '2c1b7f6a-5c5a-4ed3-9f3d-5b1f6f1f3a50',
          name: 'Ana Flores',
          phone: '+14155550123',
        },
      },
    },
  })
  @ApiCreatedResponse({ type: BookingDto })
  @ApiRefusals(
    'not_found',
    'slot_taken',
    'hold_expired',
    'conflict',
    'idempotency_key_reused',
    'outside_availability',
    'calendar_unreadable',
    'unavailable',
  )
  async create(
    @CurrentTenant() tenant: TenantId,
    @CurrentAuthor() author: Author,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Body() body: CreateBookingDto,
  ): Promise<BookingDto> {
    return this.bookings.create(tenant, withoutExtensionInPhone(body), { author, idempotencyKey });
  }

  @Get()
  @Authenticated({ scopes: ['dashboard', 'agent'] })
  @ApiOperation({ summary: 'List bookings', description: 'In the order of their start, page by page.' })
  @ApiOkResponse({ type: BookingPageDto })
  async list(
    @CurrentTenant() tenant: TenantId,
    @Query() query: BookingListQueryDto,
  ): Promise<BookingPageDto> {
    return this.bookings.list(tenant, query);
  }

  @Get(':id')
  @Authenticated({ scopes: ['dashboard', 'agent'] })
  @ApiOperation({ summary: 'Get a booking' })
  @ApiOkResponse({ type: BookingDto })
  async get(@CurrentTenant() tenant: TenantId, @Param('id') id: string): Promise<BookingDto> {
    return this.bookings.get(tenant, id);
  }

  @Patch(':id')
  @Authenticated({ scopes: ['dashboard', 'agent'] })
  @ApiOperation({
    summary: 'Correct a booking',
    description:
      'Who comes and what it is about; at least one of the fields. Those left out stay as they are, and null takes ' +
      '`phoneExtension`, `email` and `purpose` away. The event says it too; its time and its Meet link stay. Saying the same again changes nothing.',
  })
  @ApiBody({
    type: EditBookingDto,
    examples: {
      name: { summary: 'Another spelling', value: { name: 'Anna Flores' } },
      phone: { summary: 'Another number, and no e-mail', value: { phone: '+14155550199', email: null } },
      purpose: { summary: 'Something else', value: { purpose: 'Check-up and cleaning' } },
    },
  })
  @ApiOkResponse({ type: BookingDto })
  @ApiRefusals('booking_not_changeable')
  async edit(
    @CurrentTenant() tenant: TenantId,
    @CurrentAuthor() author: Author,
    @Param('id') id: string,
    @Body() body: EditBookingDto,
  ): Promise<BookingDto> {
    return this.bookings.edit(tenant, id, withoutExtensionInPhone(body), { author });
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Authenticated({ scopes: ['dashboard', 'agent'] })
  @ApiOperation({
    summary: 'Cancel a booking',
    description: 'Frees its time and takes its event out of the calendar. Cancelling again changes nothing.',
  })
  @ApiOkResponse({ type: BookingDto })
  @ApiRefusals('booking_not_changeable')
  async cancel(
    @CurrentTenant() tenant: TenantId,
    @CurrentAuthor() author: Author,
    @Param('id') id: string,
    @Body() { reason }: CancelBookingDto,
  ): Promise<BookingDto> {
    return this.bookings.cancel(tenant, id, { reason, author });
  }

  @Post(':id/reschedule')
  @HttpCode(200)
  @Authenticated({ scopes: ['dashboard', 'agent'] })
  @ApiOperation({
    summary: 'Move a booking',
    description:
      'To another time, and with `resourceId` or a slot of one to another resource; without, its resource is kept if it is ' +
      'free. Where the new time cannot be had (409 `slot_taken`, 422 `outside_availability`, both with `alternatives`) ' +
      'the old one is kept. The event moves too, with its Meet link. Moving to where it is changes nothing. With ' +
      '`holdId`, to the time and resource that were held, in the hold’s place: at no moment is that time free, and where the ' +
      'move fails the hold is kept. A hold that has run out is tried like any other time; one that has been booked, or that ' +
      'another booking was moved to, is refused with 409 `conflict`.',
  })
  @ApiBody({
    type: RescheduleBookingDto,
    examples: {
      toStart: { summary: 'To a start', value: { startsAt: '2027-01-20T16:00:00-05:00' } },
      toSlot: {
        summary: 'To a slot that was offered',
        value: { slotId: 'C14MPl8KTVST0m5rah-aEWoNHVAdfkpRjQ1tw6Ow88YByeoQ' },
      },
      toHold: {
        summary: 'To a time that is held',
        value: { holdId: '9a8c1d52-7f0e-4c1b-8f43-2f6b7d0c5e14' },
      },
    },
  })
  @ApiOkResponse({ type: BookingDto })
  @ApiRefusals(
    'slot_taken',
    'hold_expired',
    'conflict',
    'outside_availability',
    'booking_not_changeable',
    'calendar_unreadable',
    'unavailable',
  )
  async reschedule(
    @CurrentTenant() tenant: TenantId,
    @CurrentAuthor() author: Author,
    @Param('id') id: string,
    @Body() body: RescheduleBookingDto,
  ): Promise<BookingDto> {
    return this.bookings.reschedule(tenant, id, body, { author });
  }

  @Post(':id/complete')
  @HttpCode(200)
  @Authenticated({ scopes: ['dashboard'] })
  @ApiOperation({
    summary: 'Note that an appointment took place',
    description:
      'Of a confirmed booking at any time: what is left of its time is free then. Mends `no_show`. Again changes nothing.',
  })
  @ApiOkResponse({ type: BookingDto })
  @ApiRefusals('booking_not_changeable')
  async complete(
    @CurrentTenant() tenant: TenantId,
    @CurrentAuthor() author: Author,
    @Param('id') id: string,
  ): Promise<BookingDto> {
    return this.bookings.conclude(tenant, id, 'completed', author);
  }

  @Post(':id/no-show')
  @HttpCode(200)
  @Authenticated({ scopes: ['dashboard'] })
  @ApiOperation({
    summary: 'Note that nobody came',
    description:
      'Of a confirmed booking at any time: what is left of its time is free then. Mends `completed`. Again changes nothing.',
  })
  @ApiOkResponse({ type: BookingDto })
  @ApiRefusals('booking_not_changeable')
  async noShow(
    @CurrentTenant() tenant: TenantId,
    @CurrentAuthor() author: Author,
    @Param('id') id: string,
  ): Promise<BookingDto> {
    return this.bookings.conclude(tenant, id, 'no_show', author);
  }

  @Get(':id/audit')
  @Authenticated({ scopes: ['dashboard'] })
  @ApiOperation({
    summary: 'Who did what to a booking',
    description:
      'The oldest first, from the hold it may have begun as on; also of what was cancelled or released.',
  })
  @ApiOkResponse({ type: AuditPageDto })
  async history(
    @CurrentTenant() tenant: TenantId,
    @Param('id') id: string,
    @Query() query: AuditQueryDto,
  ): Promise<AuditPageDto> {
    return this.audit.list(tenant, id, query);
  }
}
