#!/bin/sh
# Removes from node_modules what the running service does not read: about two thirds of it. For the image only.
set -eu
cd "${1:?usage: slim.sh FOLDER, which holds node_modules}/node_modules"

# Files for writing and compiling code: source maps, declarations, documentation.
find . -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -iname '*.md' -o -name '*.tsbuildinfo' \) -delete

# The source of the embedded database, and its binaries for other platforms.
rm -r @photostructure/sqlite/src
find @photostructure/sqlite/prebuilds -mindepth 1 -maxdepth 1 ! -name "linux-$(node -p process.arch)" -exec rm -r {} +

# Copies of the same code for browsers, bundlers and the type checker.
rm -rf typeorm/browser rxjs/src rxjs/dist/esm rxjs/dist/esm5 rxjs/dist/bundles zod/src \
  class-validator/bundles class-validator/esm5 class-validator/esm2015 libphonenumber-js/bundle

# The service reads one worker of this package, which already contains hash-wasm.
rm -rf hash-wasm altcha/dist/i18n altcha/dist/lib altcha/dist/main altcha/dist/plugins altcha/dist/themes \
  altcha/dist/types altcha/dist/external/*.js altcha/dist/external/*.cjs

# Optional peers of dependencies: a compiler for plugins, and a formatter for a command that this project does not have.
rm -rf typescript prettier
