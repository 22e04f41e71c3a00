# Everything runs through npm scripts, which find Node 24 in node_modules/.bin.

RUN := npm run --silent
IMAGE ?= artifact-store-operator:dev
PROVIDER ?= aws
# What builds the image: the first of these on PATH.
ENGINE ?= $(firstword $(foreach engine,docker podman buildah,$(if $(shell command -v $(engine) 2>/dev/null),$(engine))))

.DEFAULT_GOAL := help
.PHONY: help setup generate verify fmt lint typecheck test test-unit test-e2e test-services test-operate test-matrix demo bench hostile fuzz chaos soak site build cli release image run clean deps

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

node_modules/.package-lock.json: package.json package-lock.json
	npm ci
	@touch $@

deps: node_modules/.package-lock.json

setup: deps ## Install dependencies and build the programs that the tests run (20 min the first time)
	$(RUN) setup

generate: deps ## Write the CRDs and the API reference from src/api, the Helm chart from deploy/, and llms.txt
	$(RUN) generate

verify: deps ## Check formatting, lint, unused code, import rules, types, generated files and links of documents
	$(RUN) verify

fmt: deps ## Format, and fix what the linter can
	$(RUN) fmt

lint: deps ## Check formatting, lint, unused code and import rules
	$(RUN) lint

typecheck: deps ## Check types
	$(RUN) typecheck

test: verify setup ## Check everything and run all tests
	$(RUN) test

test-unit: deps ## Run the tests that need nothing but Node
	$(RUN) test:unit

test-e2e: setup ## Run the tests against a real control plane and object store
	$(RUN) test:e2e

test-services: setup ## Try more S3 services: Ceph RGW (Debian packages) and Garage (cargo, 15 min the first time), as far as they run here
	$(RUN) test:services

demo: deps ## Show the operator at work on a local control plane with MinIO (PROVIDER=azure: with Azurite)
	$(RUN) demo -- --provider $(PROVIDER)

bench: setup build ## Measure many stores on a local control plane with MinIO
	$(RUN) bench

hostile: setup build ## Measure the memory beside tenants with many large objects and an endpoint that answers with megabytes
	$(RUN) hostile

fuzz: deps ## Look for hostile values that do harm, other ones each time (FUZZ_RUNS=1000, about ten minutes)
	$(RUN) fuzz

chaos: setup build ## Do to the operator, the API server, etcd, clocks and the S3 service what goes wrong with them, and judge what came of it (40 minutes; ONLY_FAULT=regular expression)
	$(RUN) chaos

test-operate: setup ## Try upgrades, restores and the guides, alerts and the dashboard with a real Prometheus, traces with a real collector, health with Argo CD's and Flux's own code, the image without an engine, workflows (15 min the first time)
	$(RUN) test:operate

test-matrix: setup ## Run the tests of what depends on Kubernetes on the oldest version that is supported and on the current one (builds the older one, 10 min the first time)
	$(RUN) test:matrix

soak: setup ## Rotate 15-minute credentials a thousand times in real time (half an hour)
	$(RUN) soak

site: deps ## Make a site of the documents in site/, and fail for links that lead nowhere
	$(RUN) site

build: deps ## Bundle the operator into dist/
	$(RUN) build

cli: deps ## Bundle the command line into dist/: kubectl-artifactstore.mjs, and one executable without Node
	$(RUN) build:cli
	$(RUN) build:executable

release: deps ## Make the files of a release in release/ (docs/releasing.md)
	$(RUN) release

image: ## Build the container image with docker, podman or buildah (IMAGE=name:tag)
	@test -n "$(ENGINE)" || { echo "No docker, podman or buildah is on PATH: install one of them, or name it: make image ENGINE=/path/to/podman" >&2; exit 1; }
	$(ENGINE) build --tag $(IMAGE) .

run: deps ## Run the operator from source against the current kubeconfig (beside an installation: with its POD_NAMESPACE)
	$(RUN) start

clean: ## Remove what was built or installed here; caches outside stay
	rm -rf dist release site node_modules .demo
