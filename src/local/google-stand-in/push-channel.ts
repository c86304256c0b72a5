export interface PushChannel {
  id: string;
  resourceId: string;
  resourceUri: string;
  calendarId: string;
  /** `sub` of the account that opened it: only that account can stop it. */
  openedBy: string;
  address: string;
  token?: string;
  /** Epoch milliseconds. */
  expiration: number;
  messageNumber: number;
}
