#!/bin/sh
# Takes out of node_modules what nothing reads while the service runs: about two thirds of it. For the image only.
set -eu
cd "${1:?usage: slim.sh FOLDER, which holds node_modules}/node_modules"

# What was needed to write and to compile the code: maps, declarations, documentation.
find . -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -iname '*.md' -o -name '*.tsbuildinfo' \) -delete

# The embedded database: its source, and everything the compiler left beside the one file that is loaded.
mv better-sqlite3/build/Release/better_sqlite3.node better_sqlite3.node
rm -r better-sqlite3/build better-sqlite3/deps better-sqlite3/src
mkdir -p better-sqlite3/build/Release
mv better_sqlite3.node better-sqlite3/build/Release/

# The same code again, for browsers, bundlers and the type checker.
rm -rf typeorm/browser rxjs/src rxjs/dist/esm rxjs/dist/esm5 rxjs/dist/bundles zod/src \
  class-validator/bundles class-validator/esm5 class-validator/esm2015 libphonenumber-js/bundle

# Optional companions of dependencies: a compiler for plugins, and a formatter for a command we do not have.
rm -rf typescript prettier
