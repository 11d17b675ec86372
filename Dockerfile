# The server of n8n-nodes-whatsapp-call: docs/server.md tells how to use it.
#
#   docker build -t whatsapp-call .

FROM node:22-alpine AS build
WORKDIR /src
COPY . .
RUN npm ci --no-audit --no-fund \
	&& npm run build \
	&& mkdir /pack \
	&& npm pack --pack-destination /pack

FROM node:22-alpine
# For M4A and AAC; everything else is decoded without it.
RUN apk add --no-cache ffmpeg
WORKDIR /app
COPY --from=build /pack /tmp/pack
RUN npm install --prefix /app --omit=dev --omit=optional --legacy-peer-deps --ignore-scripts --no-audit --no-fund /tmp/pack/*.tgz \
	&& npm cache clean --force \
	&& rm -r /tmp/pack \
	&& mkdir /data \
	&& chown node:node /data \
	&& chmod 700 /data
ENV NODE_ENV=production
ENV WHATSAPP_CALL_DATA=/data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:3000/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# It ends on SIGTERM, and hangs up before: give it some seconds.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/node_modules/n8n-nodes-whatsapp-call/dist/cli.js"]
CMD ["serve", "--host", "0.0.0.0", "--port", "3000"]
