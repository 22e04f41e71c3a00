#!/bin/sh
# Rewrites go.mod and go.sum for another Kubernetes version: ./update-modules.sh v1.36.3
# Those of the oldest version that is supported are in a folder: ./update-modules.sh v1.30.14 oldest
# k8s.io/kubernetes replaces its staging modules by folders of its own tree. These replacements
# don't apply to other modules: each is pinned here to the release of the same number.
# ../tools.ts reads the version from go.mod. Cobra and etcd follow what Kubernetes asks for.
set -eu
version=${1:?usage: update-modules.sh v1.x.y [folder]}
cd "$(dirname "$0")"
target=$PWD/${2:-.}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp main.go "$work"
cd "$work"
staging=v0.${version#v1.}
upstream=$(go mod download -json "k8s.io/kubernetes@$version" | sed -n 's/^[[:space:]]*"GoMod": "\(.*\)",*$/\1/p')
go mod init artifactstore.dev/test/cluster/controlplane
go mod edit -go="$(sed -n 's/^go //p' "$upstream")" -require "k8s.io/kubernetes@$version"
for module in $(sed -n 's/^[[:space:]]*\(k8s\.io\/[a-z0-9-]*\) => \.\/staging.*/\1/p' "$upstream" | sort -u); do
  go mod edit -replace "$module=$module@$staging"
done
go mod tidy
mkdir -p "$target"
mv go.mod go.sum "$target"
