#!/usr/bin/env bash
# Plays the commands of README.md from its top, as they stand there: in a new folder with the files of this commit and nothing else, and
# without the variables of the calling shell.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
if [ "${1:-}" != --clean ]; then
  exec env -i HOME="$HOME" PATH="$PATH" TMPDIR="${TMPDIR:-/tmp}" bash "$0" --clean
fi

folder=$(mktemp -d)
service=
finish() {
  # The service, npm and tee are a process group of their own.
  [ -z "$service" ] || kill -- "-$service" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT

(cd "$root" && git ls-files -z | xargs -0 cp --parents -t "$folder")
cd "$folder"

# `npm ci` installs what this folder has installed already; everything else that README.md says to npm is done by npm.
mkdir .shim
printf '#!/bin/sh\n[ "$1" = ci ] && exec ln -s "%s/node_modules" node_modules\nexec "%s" "$@"\n' "$root" "$(command -v npm)" > .shim/npm
chmod +x .shim/npm
PATH="$folder/.shim:$PATH"

# The fenced blocks between the marks, with the port of this run; the first starts the service, the others use it.
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
awk '/<!-- walk-through -->/ { on = 1 } /<!-- \/walk-through -->/ { on = 0 }
     /^```$/ { fenced = 0 } on && fenced { print > ("step-" block ".sh") } /^```sh$/ { fenced = 1; if (on) block++ }' README.md
sed -i "s/127\.0\.0\.1:3000/127.0.0.1:$port/" step-*.sh
grep -q 'npm start' step-1.sh || { echo 'README.md does not start the service first'; exit 1; }

export PORT=$port
set -m
bash step-1.sh > start.txt 2>&1 &
service=$!
set +m
for _ in $(seq 3000); do
  grep -q Listening console.txt 2>/dev/null && break
  kill -0 "$service" 2>/dev/null || { cat start.txt; exit 1; }
  sleep 0.1
done

for index in $(seq 2 "$(ls step-*.sh | wc -l)"); do cat "step-$index.sh"; done > steps.sh
[ "$(grep -c '^curl' steps.sh)" -ge 5 ] || { echo 'README.md has no walk-through'; exit 1; }
bash -eu steps.sh | sed 's/}{/}\n{/g' | tee answers.txt
echo

expect() { grep -q "$1" answers.txt || { echo "The walk-through did not show $1"; exit 1; }; }
expect '"username":"johndoe".*"activated":false'
expect '"username":"johndoe".*"activated":true'
expect '"total":2'

for path in / /account/sign-in /api/docs; do
  curl -sS --fail -o /dev/null "http://127.0.0.1:$port$path" || { echo "$path is not there"; exit 1; }
done
echo 'README.md works from its top.'
