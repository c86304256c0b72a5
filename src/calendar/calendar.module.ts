import { Module } from '@nestjs/common';
import { AccessTokens } from './access-tokens.js';
import { BookingEvent } from './booking-event.js';
import { BusyMirrorRepository } from './busy-mirror.repository.js';
import { CalendarProvider } from './calendar-provider.js';
import { CalendarReader } from './calendar-reader.js';
import { ConnectionRepository } from './connection.repository.js';
import { EncryptedTokenRepository } from './encrypted-token.repository.js';
import { EventReconciler } from './event-reconciler.js';
import { EventWriteRepository } from './event-write.repository.js';
import { EventWriter } from './event-writer.js';
import { GoogleCalendarProvider } from './google/google-calendar.provider.js';
import { GoogleOAuthProvider } from './google/google-oauth.provider.js';
import { OAuthProvider } from './oauth-provider.js';
import { TokenCipher } from './token-cipher.js';
import { TokenRepository } from './token.repository.js';

@Module({
  providers: [
    { provide: CalendarProvider, useClass: GoogleCalendarProvider },
    { provide: OAuthProvider, useClass: GoogleOAuthProvider },
    { provide: TokenRepository, useClass: EncryptedTokenRepository },
    TokenCipher,
    AccessTokens,
    ConnectionRepository,
    BusyMirrorRepository,
    CalendarReader,
    EventWriteRepository,
    BookingEvent,
    EventReconciler,
    EventWriter,
  ],
  exports: [CalendarReader, EventWriter],
})
export class CalendarModule {}
