/** Where Google sends its push notifications, below `GOOGLE_WEBHOOK_URL`. */
export const NOTIFICATIONS_PATH = '/api/google/notifications';
