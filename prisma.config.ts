import { defineConfig } from 'prisma/config';

// Read by the Prisma CLI only; the service itself connects through `src/platform/database`.
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DIRECT_DATABASE_URL'] ?? process.env['DATABASE_URL'] ?? '' },
});
