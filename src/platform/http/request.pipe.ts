import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import { isUuid } from '../database/tenant-id.js';
import { DomainError, invalidInput } from '../errors/domain-error.js';
import { fieldProblems } from './field-problems.js';
import { oversizedLists } from './oversized-lists.js';
import { plainlyValid } from './plainly-valid.js';
import { refusedFields } from './refused-fields.js';

/** No more fields than this are named in one answer, however many a request gets wrong. */
const MOST_PROBLEMS = 50;

/**
 * What every body, query and path parameter passes before a handler sees it: text that can be stored, the fields of the DTO
 * and no others, each valid, all problems reported at once by name. A path parameter called `id` or `…Id` that is not
 * a UUID names nothing, so it is answered like any other thing that is not there.
 *
 * @throws DomainError `invalid_input` or `not_found`
 */
@Injectable()
export class RequestPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      stopAtFirstError: false,
      exceptionFactory: (errors) => invalidInput(...fieldProblems(errors).slice(0, MOST_PROBLEMS)),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // Parameters of our own making (the tenant, the caller) are not input.
    if (metadata.type === 'custom') return value;
    if (metadata.type === 'param' && /^id$|Id$/.test(metadata.data ?? '')) return idFrom(value);
    const refused = refusedFields(value, metadata.data ?? '');
    if (refused.length > 0) throw invalidInput(...refused.slice(0, MOST_PROBLEMS));
    const oversized = oversizedLists(metadata.metatype, value);
    if (oversized.length > 0) throw invalidInput(...oversized.slice(0, MOST_PROBLEMS));
    return plainlyValid(metadata.metatype, value) ?? (super.transform(value, metadata) as Promise<unknown>);
  }
}

function idFrom(value: unknown): string {
  const id = String(value).toLowerCase();
  if (!isUuid(id)) throw new DomainError('not_found', 'There is nothing at this address.');
  return id;
}
