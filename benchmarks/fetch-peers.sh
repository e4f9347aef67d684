#!/usr/bin/env bash
# Fetches the shared libraries of ggml (MIT) that the benchmarks compare with, as the npm package of node-llama-cpp brings them.
# The other peers come with the build: see benchmarks/README.md.
set -euo pipefail
folder="$(cd "$(dirname "$0")" && pwd)/peers"
mkdir -p "$folder"
npm install --ignore-scripts --no-audit --no-fund --no-package-lock --prefix "$folder" @node-llama-cpp/linux-x64@3.22.1
