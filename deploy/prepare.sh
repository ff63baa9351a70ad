#!/bin/sh
# What comes before everything else in docker-compose.yml. Keeps the secrets of the installation in a folder, one in each file:
# APP_KEY and DB_PASSWORD if they are given, else drawn at the first start. What was drawn stays.
set -eu
umask 077
cd "${1:?usage: prepare.sh FOLDER}"

# The defaults there are those of the mail catcher: a real server would be spoken to in the clear.
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
  # The users of the service and of the database read it; nobody but the services of this installation has the folder.
  chmod 444 "$1.draft"
  mv -f "$1.draft" "$1"
}

keep app_key "${APP_KEY:-}"
keep db_password "${DB_PASSWORD:-}"
