# The service alone, for production. `docker build -t receptionist-calendar .`
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# What `npm start` adds on one machine needs packages that are not in the image below.
RUN npm run build && rm -rf dist/local

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Build tools are also optional companions of run-time packages, hence the three. Of googleapis only Calendar is loaded;
# the other APIs are half of all bytes.
RUN npm ci --omit=dev --omit=optional --omit=peer \
    && npm cache clean --force \
    && find node_modules/googleapis/build/src/apis -mindepth 1 -maxdepth 1 -type d ! -name calendar -exec rm -rf {} +
COPY --from=build /app/dist ./dist
COPY prisma/migrations ./prisma/migrations
USER node
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 5000}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Settings come from the environment: see .env.example. Before the first start, and after each update:
#   docker run --rm --env-file … receptionist-calendar node dist/platform/database/migrate.js
CMD ["node", "--max-semi-space-size=16", "dist/main.js"]
