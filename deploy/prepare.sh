#!/bin/sh
# Runs before all other services of docker-compose.yml. Writes the secrets of the installation to a folder, one file
# each: APP_KEY and DB_PASSWORD if they are set, else values generated at the first start, which stay.
set -eu
umask 077
cd "${1:?usage: prepare.sh FOLDER}"

# The defaults in docker-compose.yml are for the mail catcher. A real server would be used without encryption.
if [ -n "${MAIL_HOST:-}" ] && { [ -z "${MAIL_PORT:-}" ] || [ -z "${MAIL_ENCRYPTION:-}" ]; }; then
  echo 'MAIL_HOST in .env needs MAIL_PORT and MAIL_ENCRYPTION beside it.' >&2
  exit 1
fi

keep() { # FILE VALUE
  if [ -n "$2" ]; then
    printf %s "$2" > "$1.draft"
  elif [ ! -s "$1" ]; then
    head -c 32 /dev/urandom | base64 | tr '+/' '-_' > "$1.draft"
  else
    return 0
  fi
  # The users of the service and of the database read the file. Only the services of this installation have the folder.
  chmod 444 "$1.draft"
  mv -f "$1.draft" "$1"
}

keep app_key "${APP_KEY:-}"
keep db_password "${DB_PASSWORD:-}"
