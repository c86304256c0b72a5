import { Module } from '@nestjs/common';
import { CalendarModule } from '../calendar/calendar.module.js';
import { TenantModule } from '../tenant/tenant.module.js';
import { Alternatives } from './alternatives.js';
import { AvailabilityController } from './availability.controller.js';
import { AvailabilityRepository } from './availability.repository.js';
import { AvailabilityService } from './availability.service.js';
import { BookableRepository } from './bookable.repository.js';
import { BookingMaker } from './booking-maker.js';
import { BookingRepository } from './booking.repository.js';
import { BookingService } from './booking.service.js';
import { BookingsController } from './bookings.controller.js';
import { IdempotencyPurge } from './idempotency-purge.js';
import { IdempotencyRepository } from './idempotency.js';
import { TenantDefaultsRepository } from './tenant-defaults.repository.js';
import { WorkingHoursController } from './working-hours.controller.js';
import { WorkingHoursRepository } from './working-hours.repository.js';
import { WorkingHoursService } from './working-hours.service.js';

@Module({
  imports: [TenantModule, CalendarModule],
  controllers: [AvailabilityController, BookingsController, WorkingHoursController],
  providers: [
    Alternatives,
    AvailabilityRepository,
    AvailabilityService,
    BookableRepository,
    BookingMaker,
    BookingRepository,
    BookingService,
    IdempotencyPurge,
    IdempotencyRepository,
    TenantDefaultsRepository,
    WorkingHoursRepository,
    WorkingHoursService,
  ],
  exports: [AvailabilityService, BookableRepository, BookingService],
})
export class BookingModule {}
