/** An event as Google's API shows it; the fields the stand-in understands. */
export interface CalendarEvent {
  kind?: string;
  etag?: string;
  id: string;
  status: string;
  htmlLink?: string;
  created?: string;
  updated?: string;
  summary?: string;
  description?: string;
  location?: string;
  colorId?: string;
  creator?: Person;
  organizer?: Person;
  start?: EventTime;
  end?: EventTime;
  recurrence?: string[];
  recurringEventId?: string;
  originalStartTime?: EventTime;
  transparency?: string;
  visibility?: string;
  iCalUID?: string;
  sequence?: number;
  attendees?: Attendee[];
  extendedProperties?: { private?: Record<string, string>; shared?: Record<string, string> };
  hangoutLink?: string;
  conferenceData?: ConferenceData;
  reminders?: { useDefault?: boolean; overrides?: { method?: string; minutes?: number }[] };
  source?: { title?: string; url?: string };
  eventType?: string;
}

/** Either `date` (all day, in the calendar's zone) or `dateTime`. */
export interface EventTime {
  date?: string;
  dateTime?: string;
  timeZone?: string;
}

export interface Person {
  email?: string;
  displayName?: string;
  self?: boolean;
}

interface Attendee extends Person {
  responseStatus?: string;
  organizer?: boolean;
  optional?: boolean;
  resource?: boolean;
  comment?: string;
  additionalGuests?: number;
}

export interface ConferenceData {
  createRequest?: {
    requestId?: string;
    conferenceSolutionKey?: { type?: string };
    status?: { statusCode?: string };
  };
  entryPoints?: { entryPointType?: string; uri?: string; label?: string }[];
  conferenceSolution?: { key?: { type?: string }; name?: string; iconUri?: string };
  conferenceId?: string;
  signature?: string;
  notes?: string;
}

/** What a person enters in Google's own calendar page: everything but the times is optional. */
export type EventEntry = Partial<Omit<CalendarEvent, 'start' | 'end'>> & { start: EventTime; end: EventTime };
