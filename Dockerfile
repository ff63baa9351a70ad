# The service and its command line. Settings are environment variables; secrets can also be files (NAME_FILE).
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY nest-cli.json tsconfig.json tsconfig.build.json ormconfig.ts ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund
COPY deploy/image ./deploy/image
RUN deploy/image/slim.sh .

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
# The default folder of the embedded database. A volume mounted here belongs to the user of the service.
RUN mkdir -m 700 var && chown node:node var && ln -s /app/deploy/image/flexisip-api /usr/local/bin/flexisip-api
COPY --from=build /app/node_modules ./node_modules
COPY package.json ./
COPY deploy/image ./deploy/image
COPY --from=build /app/dist ./dist
USER node
EXPOSE 3000
# The check is `live`: restarting a container does not help if the database is down. A load balancer checks `ready`
# instead, as docker-compose.yml does.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "deploy/image/healthcheck.mjs", "live"]
CMD ["node", "dist/src/main.js"]
