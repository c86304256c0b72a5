import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { Strategy } from 'passport-http-bearer';
import type { Principal } from './caller.js';

let registrations = 0;

/**
 * A kind of credential that comes in the `Authorization` header. Passport keeps one registry for the whole process, so each
 * instance registers under a name of its own: two applications in one process must not check each other's keys.
 */
export abstract class BearerStrategy extends PassportStrategy(Strategy, 'bearer') {
  readonly registeredAs: string;

  constructor(kind: string) {
    super();
    this.registeredAs = `${kind} ${++registrations}`;
    passport.use(this.registeredAs, this);
  }

  /** Who presents `credential`; null when it is not one of this kind, or not a good one. */
  abstract override validate(credential: string): Promise<Principal | null>;

  /**
   * Shows passport the header alone: it would also take a credential from the body or the query, and an address is written
   * to logs and histories on its way (RFC 6750, section 2.3).
   */
  override authenticate(request: Parameters<Strategy<never>['authenticate']>[0], options?: object): void {
    const { authorization } = request.headers;
    const headerOnly: Pick<typeof request, 'headers'> = { headers: { authorization } };
    super.authenticate(headerOnly as typeof request, options);
  }
}
