import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { isUuid, type TenantId } from '../platform/database/tenant-id.js';
import { invalidInput, notFound } from '../platform/errors/domain-error.js';
import { Authenticated } from '../tenant/authenticated.decorator.js';
import type { Caller } from '../tenant/caller.js';
import { CurrentCaller, CurrentTenant } from '../tenant/current-tenant.decorator.js';
import {
  BookingDto,
  BookingListQueryDto,
  BookingPageDto,
  CancelBookingDto,
  CreateBookingDto,
} from './booking.dto.js';
import { BookingService } from './booking.service.js';

@ApiTags('Bookings')
@Controller('api/bookings')
export class BookingsController {
  constructor(private readonly bookings: BookingService) {}

  @Post()
  @Authenticated({ scopes: ['dashboard', 'agent'] })
  @ApiOperation({
    summary: 'Book',
    description:
      'Refused with 409 `slot_taken` or 422 `outside_availability`, both with `alternatives`. The booking stands as soon ' +
      'as it is answered; `calendar.status` says whether the event is in the connected calendar yet.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Repeating a request with the same key and content gives the first answer instead of a second booking.',
    schema: { type: 'string', maxLength: 255 },
  })
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
    },
  })
  @ApiCreatedResponse({ type: BookingDto })
  async create(
    @CurrentTenant() tenant: TenantId,
    @CurrentCaller() caller: Caller,
    @Body() body: CreateBookingDto,
    @Headers('idempotency-key') idempotencyKey?: string,
  ): Promise<BookingDto> {
    if (idempotencyKey !== undefined && !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) {
      throw invalidInput({ field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' });
    }
    const source = caller.scopes.includes('dashboard') ? 'dashboard' : 'agent';
    return this.bookings.create(tenant, body, { source, idempotencyKey });
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
    return this.bookings.get(tenant, bookingId(id));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Authenticated({ scopes: ['dashboard', 'agent'] })
  @ApiOperation({
    summary: 'Cancel a booking',
    description: 'Frees its time and takes its event out of the calendar. Cancelling again changes nothing.',
  })
  @ApiOkResponse({ type: BookingDto })
  async cancel(
    @CurrentTenant() tenant: TenantId,
    @Param('id') id: string,
    @Body() body: CancelBookingDto,
  ): Promise<BookingDto> {
    return this.bookings.cancel(tenant, bookingId(id), body.reason);
  }
}

/** What is no id at all is the same to a client as an id that does not exist. */
function bookingId(id: string): string {
  if (!isUuid(id)) throw notFound('booking');
  return id;
}
