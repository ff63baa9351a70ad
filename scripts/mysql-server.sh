#!/usr/bin/env bash
# Unpacks a real MySQL server into a private folder, for the tests (TEST_MYSQLD), and prints the path of its mysqld.
#
#   scripts/mysql-server.sh [FOLDER]     default: node_modules/.cache/mysql-server
#
# Debian has MySQL only in its unstable suite. The package and all libraries that it needs, including libc, are unpacked
# and not installed. The packages, apt sources and package lists of the machine stay unchanged. A folder with a working
# mysqld stays unchanged; remove it to fetch a newer version.
#
# Exit codes: 0 done; 69 the suite is not available here (no Debian, no network); any other code is a bug of this
# script.
set -euo pipefail

PACKAGE=mysql-server-core
UNAVAILABLE=69

folder=${1:-$(cd "$(dirname "$0")/.." && pwd)/node_modules/.cache/mysql-server}
mkdir -p "$(dirname "$folder")"
folder=$(cd "$(dirname "$folder")" && pwd)/$(basename "$folder")

say() { echo "mysql-server: $*" >&2; }

unavailable() {
  say "$*"
  exit $UNAVAILABLE
}

works() { "$1/mysqld" --version > /dev/null 2>&1; }

# The Debian archive of this machine; DEBIAN_MIRROR names another one.
mirror() {
  [ -z "${DEBIAN_MIRROR:-}" ] || { echo "$DEBIAN_MIRROR" && return; }
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2> /dev/null | grep -E '/debian(\.list)?/*$' | head -n 1
}

# Writes an apt configuration that keeps only the proxies and time-outs of the machine.
configure_apt() {
  local own=$1 uri=$2 keys=/usr/share/keyrings/debian-archive-keyring.gpg signed_by=
  [ ! -r "$keys" ] || signed_by="[signed-by=$keys] "
  mkdir -p "$own"/lists/partial "$own"/archives/partial "$own"/empty
  # With no package installed, apt fetches all dependencies.
  : > "$own/status"
  echo "deb ${signed_by}$uri unstable main" > "$own/sources.list"
  apt-config dump | grep -E '^Acquire::(http|https|ftp|Retries|ForceIPv4|ForceIPv6)\b' > "$own/apt.conf" || true
  cat >> "$own/apt.conf" << END
Dir::Etc::main "/dev/null";
Dir::Etc::parts "$own/empty";
Dir::Etc::sourcelist "$own/sources.list";
Dir::Etc::sourceparts "$own/empty";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$own/empty";
Dir::State "$own";
Dir::State::status "$own/status";
Dir::State::lists "$own/lists";
Dir::Cache "$own";
Dir::Cache::archives "$own/archives";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
// A mirror may be out of date, or the clock of this machine ahead. Signatures are still checked.
Acquire::Check-Valid-Until "false";
Acquire::Check-Date "false";
END
}

# Writes a mysqld that uses only files of its folder, even if the folder is moved.
write_wrapper() {
  cat > "$1/mysqld" << 'END'
#!/bin/sh
# Written by scripts/mysql-server.sh.
here=$(cd "$(dirname "$0")" && pwd)
root=$here/root
loader=$(ls "$root"/usr/lib/*/ld-linux*.so.* | head -n 1)
# An option that names a settings file, or none, has an effect only as the first option.
case ${1-} in
  --no-defaults | --defaults-*) first=$1 && shift ;;
  *) first=--no-defaults ;;
esac
exec "$loader" --library-path "$(dirname "$loader"):$root/usr/lib" "$root/usr/sbin/mysqld" "$first" \
  --basedir="$root/usr" --plugin-dir="$root/usr/lib/mysql/plugin" --lc-messages-dir="$root/usr/share/mysql" \
  --character-sets-dir="$root/usr/share/mysql/charsets" "$@"
END
  chmod +x "$1/mysqld"
}

# The wrapper of an earlier version of this script may be outdated.
[ ! -d "$folder/root" ] || write_wrapper "$folder"
if works "$folder"; then
  echo "$folder/mysqld"
  exit 0
fi

command -v apt-get > /dev/null && command -v dpkg > /dev/null || unavailable 'apt-get and dpkg are needed; set TEST_MYSQLD to a mysqld of your own'
uri=$(mirror) || true
[ -n "$uri" ] || unavailable 'the sources of apt name no Debian archive; DEBIAN_MIRROR may name one'

work=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$work"' EXIT
configure_apt "$work/apt" "$uri"
export APT_CONFIG="$work/apt/apt.conf"
say "fetching $PACKAGE of Debian unstable from $uri"
apt-get update -qq -o APT::Update::Error-Mode=any >&2 || unavailable "the suite unstable cannot be had from $uri"
apt-get install -y -qq --download-only "$PACKAGE" > /dev/null || unavailable "$PACKAGE cannot be had from $uri"

for archive in "$work"/apt/archives/*.deb; do
  dpkg -x "$archive" "$work/root"
done
rm -rf "$work/apt"
write_wrapper "$work"
"$work/mysqld" --version >&2

# mktemp creates private folders, but another user may start the server.
chmod 755 "$work"
rm -rf "$folder"
mv "$work" "$folder"
trap - EXIT
echo "$folder/mysqld"
