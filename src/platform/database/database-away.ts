/** PostgreSQL's code for "connection failure" (appendix A): what it would say if it could. */
const CONNECTION_FAILURE = '08006';

/** The database does not answer at the moment, and it is known before asking. */
export class DatabaseAway extends Error {
  readonly code = CONNECTION_FAILURE;

  constructor() {
    super('The database does not answer.');
    this.name = 'DatabaseAway';
  }
}
