import { Module } from '@nestjs/common';
import { CalendarModule } from '../calendar/calendar.module.js';
import { TenantModule } from '../tenant/tenant.module.js';
import { Alternatives } from './availability/alternatives.js';
import { AuditRepository } from './audit.repository.js';
import { AuditService } from './audit.service.js';
import { AskerLimits } from './asker-limits.js';
import { AvailabilityController } from './availability/availability.controller.js';
import { AvailabilityRepository } from './availability/availability.repository.js';
import { AvailabilityService } from './availability/availability.service.js';
import { BookableRepository } from './schedule/bookable.repository.js';
import { BusinessInfoController } from './business/business-info.controller.js';
import { BusinessInfoRepository } from './business/business-info.repository.js';
import { BusinessInfoService } from './business/business-info.service.js';
import { OpeningHoursService } from './business/opening-hours.service.js';
import { CallerBookings } from './caller-bookings.js';
import { BookingEditor } from './booking-editor.js';
import { BookingMaker } from './booking-maker.js';
import { BookingMover } from './booking-mover.js';
import { BookingOutcome } from './booking-outcome.js';
import { Reconciliation } from './reconciliation.js';
import { ReconciliationRepository } from './reconciliation.repository.js';
import { BookingRetention } from './booking-retention.js';
import { BookingRepository } from './booking.repository.js';
import { BookingService } from './booking.service.js';
import { BookingsController } from './bookings.controller.js';
import { ConflictRepository } from './conflicts/conflict.repository.js';
import { ConflictsController } from './conflicts/conflicts.controller.js';
import { ConflictsService } from './conflicts/conflicts.service.js';
import { BookingOwnerChangeHandler } from './conflicts/owner-change.handler.js';
import { DescriptionRepository } from './schedule/description.repository.js';
import { HoldBooker } from './hold-booker.js';
import { HoldMover } from './hold-mover.js';
import { HoldRepository } from './hold.repository.js';
import { HoldsController } from './holds.controller.js';
import { HoldsService } from './holds.service.js';
import { HolidaysController } from './schedule/holidays.controller.js';
import { HolidaysRepository } from './schedule/holidays.repository.js';
import { HolidaysService } from './schedule/holidays.service.js';
import { IdempotencyRepository } from './idempotency.js';
import { OwnHolds } from './own-holds.js';
import { ReferenceLookup } from './reference-lookup.js';
import { RefusedTime } from './refused-time.js';
import { RepeatedWishes } from './repeated-wish.js';
import { ResourceRepository } from './schedule/resource.repository.js';
import { ResourcesController } from './schedule/resources.controller.js';
import { ResourcesService } from './schedule/resources.service.js';
import { ServiceCatalog } from './schedule/service-catalog.js';
import { ServiceRepository } from './schedule/service.repository.js';
import { ServicesController } from './schedule/services.controller.js';
import { TenantDefaultsRepository } from './schedule/tenant-defaults.repository.js';
import { TimeClaims } from './time-claims.js';
import { TimeFinder } from './availability/time-finder.js';
import { TimeOffController } from './schedule/time-off.controller.js';
import { TimeOffRepository } from './schedule/time-off.repository.js';
import { TimeOffService } from './schedule/time-off.service.js';
import { WorkingHoursController } from './schedule/working-hours.controller.js';
import { WorkingHoursRepository } from './schedule/working-hours.repository.js';
import { WorkingHoursService } from './schedule/working-hours.service.js';

@Module({
  imports: [TenantModule, CalendarModule],
  controllers: [
    AvailabilityController,
    BookingsController,
    BusinessInfoController,
    ConflictsController,
    HoldsController,
    HolidaysController,
    ResourcesController,
    ServicesController,
    TimeOffController,
    WorkingHoursController,
  ],
  providers: [
    Alternatives,
    AskerLimits,
    AuditRepository,
    AuditService,
    AvailabilityRepository,
    AvailabilityService,
    BookableRepository,
    BookingEditor,
    BookingMaker,
    BookingMover,
    BookingOutcome,
    BookingOwnerChangeHandler,
    BookingRepository,
    BookingService,
    BusinessInfoRepository,
    BusinessInfoService,
    CallerBookings,
    ConflictRepository,
    ConflictsService,
    DescriptionRepository,
    HoldBooker,
    HoldMover,
    HoldRepository,
    HoldsService,
    HolidaysRepository,
    HolidaysService,
    BookingRetention,
    Reconciliation,
    ReconciliationRepository,
    IdempotencyRepository,
    OpeningHoursService,
    OwnHolds,
    ReferenceLookup,
    RefusedTime,
    RepeatedWishes,
    ResourceRepository,
    ResourcesService,
    ServiceCatalog,
    ServiceRepository,
    TenantDefaultsRepository,
    TimeClaims,
    TimeFinder,
    TimeOffRepository,
    TimeOffService,
    WorkingHoursRepository,
    WorkingHoursService,
  ],
  exports: [
    AvailabilityService,
    BookableRepository,
    BookingService,
    BusinessInfoService,
    CallerBookings,
    HoldsService,
    OpeningHoursService,
    ReferenceLookup,
  ],
})
export class BookingModule {}
