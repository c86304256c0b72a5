import { Module } from '@nestjs/common';
import { TenantModule } from '../tenant/tenant.module.js';
import { AccessTokens } from './access-tokens.js';
import { MarkedEventReader } from './marked-events.js';
import { CalendarRetention } from './calendar-retention.js';
import { AccountTurns } from './account-turns.js';
import { BookingEvent } from './booking-event.js';
import { CalendarConnector } from './calendar-connector.js';
import { CalendarListService } from './calendar-list.service.js';
import { CalendarProvider } from './calendar-provider.js';
import { CalendarReader } from './calendar-reader.js';
import { CalendarStatusService } from './calendar-status.service.js';
import { CalendarStore } from './calendar-store.js';
import { CalendarWritesController } from './calendar-writes.controller.js';
import { CalendarWritesService } from './calendar-writes.service.js';
import { CalendarRepository } from './calendar.repository.js';
import { ConnectionRepository } from './connection.repository.js';
import { EncryptedTokenRepository } from './encrypted-token.repository.js';
import { EventAttempt } from './event-attempt.js';
import { EventFollower } from './event-follower.js';
import { EventReconciler } from './event-reconciler.js';
import { EventWriteRepository } from './event-write.repository.js';
import { EventWriter } from './event-writer.js';
import { GoogleBusyReader } from './google/google-busy-reader.js';
import { GoogleCalendarApi } from './google/google-calendar-api.js';
import { GoogleCalendarProvider } from './google/google-calendar.provider.js';
import { GoogleEventLists } from './google/google-event-lists.js';
import { GoogleOAuthProvider } from './google/google-oauth.provider.js';
import { GoogleRequests } from './google/google-requests.js';
import { GrantRevoker } from './grant-revoker.js';
import { LeftoverEvents } from './leftover-events.js';
import { OAuthProvider } from './oauth-provider.js';
import { OAuthStateRepository } from './oauth-state.repository.js';
import { CalendarSync } from './mirror/calendar-sync.js';
import { EventLooks } from './mirror/event-looks.js';
import { MirrorRepository } from './mirror/mirror.repository.js';
import { NotificationsController } from './mirror/notifications.controller.js';
import { OwnEvents } from './mirror/own-events.js';
import { PushChannelRepository } from './mirror/push-channel.repository.js';
import { PushChannels } from './mirror/push-channels.js';
import { SyncLoop } from './mirror/sync-loop.js';
import { SyncRepository } from './mirror/sync.repository.js';
import { OwnerChanges } from './owner-changes.js';
import { ResourceCalendarRepository } from './resource-calendar.repository.js';
import { TenantCalendarController } from './tenant-calendar.controller.js';
import { TokenRepository } from './token.repository.js';
import { WaitingWriteRepository } from './waiting-write.repository.js';
import { WaitingWrites } from './waiting-writes.js';
import { WriteClaimRepository } from './write-claim.repository.js';

/** Connected calendars: who let us in, when they are busy, and the events of bookings in them. */
@Module({
  imports: [TenantModule],
  controllers: [TenantCalendarController, CalendarWritesController, NotificationsController],
  providers: [
    { provide: CalendarProvider, useClass: GoogleCalendarProvider },
    { provide: OAuthProvider, useClass: GoogleOAuthProvider },
    { provide: TokenRepository, useClass: EncryptedTokenRepository },
    GoogleRequests,
    GoogleCalendarApi,
    GoogleEventLists,
    GoogleBusyReader,
    AccessTokens,
    ConnectionRepository,
    CalendarStatusService,
    CalendarRepository,
    CalendarListService,
    OAuthStateRepository,
    CalendarConnector,
    CalendarStore,
    GrantRevoker,
    OwnerChanges,
    OwnEvents,
    EventLooks,
    MirrorRepository,
    SyncRepository,
    PushChannelRepository,
    PushChannels,
    CalendarSync,
    SyncLoop,
    CalendarReader,
    EventWriteRepository,
    WriteClaimRepository,
    BookingEvent,
    EventAttempt,
    EventFollower,
    LeftoverEvents,
    EventReconciler,
    EventWriter,
    WaitingWriteRepository,
    WaitingWrites,
    MarkedEventReader,
    CalendarRetention,
    AccountTurns,
    CalendarWritesService,
    ResourceCalendarRepository,
  ],
  exports: [CalendarReader, EventWriter, MarkedEventReader, OwnerChanges, ResourceCalendarRepository],
})
export class CalendarModule {}
