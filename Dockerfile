# syntax=docker/dockerfile:1

# The bundle is the same on every platform: build it on the builder's own.
FROM --platform=$BUILDPLATFORM docker.io/library/node:24.21.0-trixie-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# Install scripts only fetch another Node and speed up esbuild.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts/bundle.ts scripts/lean.ts scripts/notices.ts scripts/
COPY src src
RUN node scripts/bundle.ts

FROM gcr.io/distroless/nodejs24-debian13:nonroot
COPY --from=build /src/dist /operator
USER 65532:65532
# Two malloc arenas, and a heap that is collected before it has doubled: a third less memory for the same work.
# Buffers of answers are collected sooner, and what is freed goes back to the system at once (docs/adr/0021).
# No code is compiled by V8's first compiler and its last one, Sparkplug and TurboFan: they take more than they save here
# (docs/adr/0021).
# Names are looked up by half of libuv's threads: with its 4, two names with silent DNS held up all others for 10 s.
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=32768 MALLOC_TRIM_THRESHOLD_=131072 UV_THREADPOOL_SIZE=32
EXPOSE 8080
ENTRYPOINT ["/nodejs/bin/node", "--max-opt=2", "--no-sparkplug", "--max-semi-space-size=4", "--scavenger-max-new-space-capacity-mb=4", "--initial-old-space-size=32", "--heap-growing-percent=50", "/operator/operator.mjs"]
