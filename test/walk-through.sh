#!/usr/bin/env bash
# Plays the walk-through of README.md, as it stands there, against the built service in an empty folder.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
service=
finish() {
  [ -z "$service" ] || kill "$service" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
cd "$folder"

port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
PORT=$port node "$root/dist/src/main.js" > console.txt 2>&1 &
service=$!
for _ in $(seq 100); do
  grep -q Listening console.txt && break
  kill -0 "$service" 2>/dev/null || { cat console.txt; exit 1; }
  sleep 0.1
done

# The fenced blocks between the two marks, with the port of this run.
sed -n '/<!-- walk-through -->/,/<!-- \/walk-through -->/p' "$root/README.md" |
  sed -n '/^```sh$/,/^```$/{/^```/d;p;}' | sed "s/127\.0\.0\.1:3000/127.0.0.1:$port/" > steps.sh
[ "$(grep -c '^curl' steps.sh)" -ge 5 ] || { echo 'README.md has no walk-through'; exit 1; }
bash -eu steps.sh | sed 's/}{/}\n{/g' | tee answers.txt
echo

expect() { grep -q "$1" answers.txt || { echo "The walk-through did not show $1"; exit 1; }; }
expect '"username":"johndoe".*"activated":false'
expect '"username":"johndoe".*"activated":true'
expect '"total":2'
echo 'The walk-through of README.md works.'
