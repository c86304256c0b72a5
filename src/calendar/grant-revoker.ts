import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { Secret } from '../platform/config/secret.js';
import type { SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { JobQueue } from '../platform/jobs/job-queue.js';
import { isCalendarError } from './calendar-error.js';
import { ConnectionRepository } from './connection.repository.js';
import { OAuthProvider } from './oauth-provider.js';
import { TokenCipher, TokenCipherError } from '../platform/encryption/token-cipher.js';
import { clock } from '../platform/time/clock.js';

const QUEUE = 'calendar-revoke';
const REQUEST_MS = 10_000;
/** The job leaves the first try to whoever asked for the revocation. */
const FIRST_TRY_MS = 5_000;
const GIVE_UP_MS = 7 * 86_400_000;

/** A grant that is to be ended. */
export interface GrantToRevoke {
  tenant: TenantId;
  accountSub: string;
  token: Secret;
}

interface RevokeJob {
  id: string;
  tenant: string;
  accountSub: string;
  /** Encrypted, bound to this job. */
  token: string;
  giveUpAt: number;
}

/**
 * Ends grants at Google. Revoking any token ends the whole grant of that account for this service, so a grant is left alone
 * while the account is connected: to another tenant, or again to the same.
 */
@Injectable()
export class GrantRevoker implements OnApplicationBootstrap {
  readonly #logger = new Logger(GrantRevoker.name);

  constructor(
    private readonly oauth: OAuthProvider,
    private readonly connections: ConnectionRepository,
    private readonly cipher: TokenCipher,
    private readonly jobs: JobQueue,
  ) {}

  /**
   * As part of the transaction `sql`: a job revokes the grant, for seven days if it has to, unless its account is connected then.
   * @param delayMs when to begin
   */
  async enqueue(
    sql: SqlTransaction,
    { tenant, accountSub, token }: GrantToRevoke,
    delayMs = FIRST_TRY_MS,
  ): Promise<void> {
    const id = randomUUID();
    const job: RevokeJob = {
      id,
      tenant,
      accountSub,
      token: this.cipher.encrypt(token, { tenant, connection: id, field: 'revocation' }),
      giveUpAt: clock.now() + delayMs + GIVE_UP_MS,
    };
    await this.jobs.enqueue(sql, QUEUE, job, { key: id, delayMs });
  }

  /** Tries at once. @returns whether there is nothing left to revoke */
  async tryNow(
    { accountSub, token }: Pick<GrantToRevoke, 'accountSub' | 'token'>,
    deadline: Deadline,
  ): Promise<boolean> {
    try {
      await this.#revoke(accountSub, token, deadline);
      return true;
    } catch (error) {
      if (!isCalendarError(error)) throw error;
      const { kind, status, reason } = error;
      this.#logger.warn({ kind, status, reason }, 'A grant could not be revoked yet');
      return false;
    }
  }

  async onApplicationBootstrap(): Promise<void> {
    const definition = { name: QUEUE, runSeconds: 60, concurrency: 1 };
    await this.jobs.work<RevokeJob>(definition, (job) => this.#run(job));
  }

  async #run({ id, tenant, accountSub, token, giveUpAt }: RevokeJob): Promise<void> {
    try {
      const opened = this.cipher.decrypt(token, { tenant, connection: id, field: 'revocation' });
      await this.#revoke(accountSub, opened, Deadline.in(REQUEST_MS));
    } catch (error) {
      if (!(error instanceof TokenCipherError) && clock.now() < giveUpAt) throw error;
      this.#logger.error(
        { tenant, error },
        'A grant could not be revoked: the owner can do it in the Google account',
      );
    }
  }

  async #revoke(accountSub: string, token: Secret, deadline: Deadline): Promise<void> {
    if (await this.connections.isAccountInUse(accountSub)) return;
    await this.oauth.revoke(token, deadline);
  }
}
