import { invalidInput } from '../platform/errors/domain-error.js';

/**
 * The address a dashboard wants its user back at, if it is one of the dashboard's own: anywhere else it would make this
 * service's callback an open redirect.
 * @throws DomainError `invalid_input`
 */
export function checkedReturnTo(returnTo: string, allowedOrigins: readonly string[]): string {
  const url = URL.parse(returnTo);
  const isAllowed =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.username === '' &&
    url.password === '' &&
    allowedOrigins.includes(url.origin);
  if (!isAllowed) {
    throw invalidInput({
      field: 'returnTo',
      message: 'must be an address at an origin that DASHBOARD_URL allows',
    });
  }
  return url.href;
}

/** The same address, saying how connecting ended. */
export function returnAddress(returnTo: string, result: { calendar: string; reason?: string }): string {
  const url = new URL(returnTo);
  for (const [name, value] of Object.entries(result)) url.searchParams.set(name, value);
  return url.href;
}
