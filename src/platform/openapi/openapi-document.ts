import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { Problem } from '../errors/problem.js';
import { packageVersion } from '../package-version.js';
import { completeOperations } from './complete-operations.js';
import { addStandardRefusals } from './standard-refusals.js';

const DESCRIPTION = `
The calendar behind AI receptionists. An organisation (a tenant) connects its Google Calendar once; from then on a voice agent can
tell a caller which times are free and book one while the caller is on the line.

**Try it:** press *Authorize*, paste a key, then *Try it out* on any route. A tenant's API key (\`tenant-key\`) has the scopes
\`dashboard\` and \`agent\`; a dashboard may send its own JWT (\`dashboard-jwt\`) instead, and a voice platform the secret of its
connection (\`agent-connection\`) for the tools; the admin key (\`admin-key\`) manages tenants
and keys. The tenant always comes from the credential.

**Conventions:** instants are ISO 8601 with an offset, local dates \`YYYY-MM-DD\`, zones IANA names. Refusals are
\`application/problem+json\` (RFC 9457) with a stable \`code\`. Every answer has an \`X-Request-Id\`; send your own to find it again in
the logs.
`.trim();

/** The OpenAPI document of the whole application; the same on every host and in every run. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Receptionist Calendar')
    .setDescription(DESCRIPTION)
    .setVersion(packageVersion())
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: "A tenant's API key: `rcal_…`" },
      'tenant-key',
    )
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        description:
          'The secret of an agent connection: `rcac_…`. Platforms that sign their requests do so instead.',
      },
      'agent-connection',
    )
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: "A dashboard's JWT with the claim `tenant_id`",
      },
      'dashboard-jwt',
    )
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'The key in `ADMIN_API_KEY`' }, 'admin-key')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    extraModels: [Problem],
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  completeOperations(document);
  addStandardRefusals(document);
  return {
    ...document,
    paths: sorted(document.paths),
    components: { ...document.components, schemas: sorted(document.components?.schemas ?? {}) },
  };
}

function sorted<Value>(values: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}
