import { Injectable } from '@nestjs/common';
import { Settings } from '../platform/config/settings.js';
import { hashMatches, hashOf } from './api-key.js';
import { BearerStrategy } from './bearer.strategy.js';
import { ADMINISTRATOR, type Principal } from './caller.js';

/** `ADMIN_API_KEY`. Both sides are hashed first, so that comparing takes the same time whatever their lengths. */
@Injectable()
export class AdminKeyStrategy extends BearerStrategy {
  readonly #hash: Buffer;

  constructor(settings: Settings) {
    super('admin-key');
    this.#hash = hashOf(settings.adminApiKey.reveal());
  }

  override validate(credential: string): Promise<Principal | null> {
    return Promise.resolve(hashMatches(hashOf(credential), this.#hash) ? ADMINISTRATOR : null);
  }
}
