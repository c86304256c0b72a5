import { Injectable, type OnModuleInit } from '@nestjs/common';
import { SettingsError } from '../config/read-settings.js';
import { Settings } from '../config/settings.js';
import { compareDatabases, inWords } from '../database/same-database.js';

/**
 * Refuses to start where jobs would be enqueued in one database and taken from another: they are written through DATABASE_URL,
 * together with what they follow from, and taken through DIRECT_DATABASE_URL.
 */
@Injectable()
export class JobDatabase implements OnModuleInit {
  constructor(private readonly settings: Settings) {}

  async onModuleInit(): Promise<void> {
    const [service, direct] = [this.settings.databaseUrl.reveal(), this.settings.directDatabaseUrl.reveal()];
    if (service === direct) return;
    const comparison = await compareDatabases(service, direct);
    if (comparison.isSame) return;
    throw new SettingsError([
      {
        name: 'DIRECT_DATABASE_URL',
        problem: `must lead to the database of DATABASE_URL: they are ${inWords(comparison)}`,
      },
    ]);
  }
}
