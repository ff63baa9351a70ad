#!/usr/bin/env bash
# Tests the main functions of a running `docker compose up` with new accounts, stops and restarts it, and deletes the
# accounts:
#
#     deploy/smoke.sh                                    # the service by itself
#     API_URL=http://127.0.0.1:8080 deploy/smoke.sh      # through the proxy of the profile `replicas`
#
# For trial installations with the mail catcher and PUSH_DRIVER=log. Needs bash, curl and docker.
set -euo pipefail
cd "$(dirname "$0")/.."

url=${API_URL:-http://127.0.0.1:3000}
api=$url/api
catcher=${MAIL_URL:-http://127.0.0.1:8025}/api/v1
domain=${SIP_DOMAIN:-sip.example.org}
run=$(date +%s)$RANDOM
user=smoke$run
admin=operator$run
password='correct horse'

say() { printf '%s %s\n' "$(date +%T)" "$*"; }
fail() {
  say "FAILED: $*" >&2
  exit 1
}
expect() { # PATTERN TEXT MEANING
  [[ $2 =~ $1 ]] || fail "$3: $2"
}

# Repeats a command for up to a minute until it succeeds and prints something.
awaited() {
  local found
  for _ in $(seq 120); do
    if found=$("$@" 2> /dev/null) && [ -n "$found" ]; then
      printf '%s' "$found"
      return
    fi
    sleep 0.5
  done
  fail "not in a minute: $*"
}

call() { curl -sS --fail-with-body --max-time 20 -H 'Content-Type: application/json' "$@"; }
as_user() { call --digest -u "$user:$password" -H "From: sip:$user@$domain" "$@"; }
as_admin() { call -H "From: sip:$admin@$domain" -H "x-api-key: $key" "$@"; }
ready() { call "$url/health/ready"; }

# The pushed token is in the log of the process that handled the request.
pushed_token() { docker compose logs --no-color --no-log-prefix | sed -n "s/.*\[push\] to fcm $user: token //p"; }
mailed_code() {
  local list message pattern='activation code is(\\[rn]| )+([A-Za-z0-9]{13})'
  list=$(call "$catcher/search?query=to:$user@example.org")
  [[ $list =~ \"ID\":\"([^\"]+)\" ]]
  message=$(call "$catcher/message/${BASH_REMATCH[1]}")
  [[ $message =~ $pattern ]]
  printf '%s' "${BASH_REMATCH[2]}"
}

# `api`, and the replicas if there are any.
mapfile -t services < <(docker compose ps -a --services | grep -xE 'api|replica')
[ ${#services[@]} -gt 0 ] || fail 'nothing runs here: docker compose up -d'

awaited ready > /dev/null
say 'ready'

key=$(docker compose exec -T api flexisip-api accounts:create-admin "$admin" --json)
[[ $key =~ \"api_key\":\"([^\"]+)\" ]]
key=${BASH_REMATCH[1]}
expect '"total":' "$(as_admin "$api/accounts")" 'the administrator is not let in'
say 'an administrator was made by the command line, and calls by API key'

call "$api/tokens" -d "{\"pn_provider\": \"fcm\", \"pn_param\": \"smoke\", \"pn_prid\": \"$user\"}" > /dev/null
token=$(awaited pushed_token)
created=$(call "$api/accounts/with-token" -d "{\"username\": \"$user\", \"password\": \"$password\", \"algorithm\": \"SHA-256\",
  \"email\": \"$user@example.org\", \"token\": \"$token\"}")
expect '"activated":false' "$created" 'the account was not created'
code=$(awaited mailed_code)
expect '"activated":true' "$(call "$api/accounts/$user@$domain/activate/email" -d "{\"code\": \"$code\"}")" 'the account was not activated'
say 'an account was created, and activated by the code in its mail'

me=$(as_user "$api/accounts/me")
expect "\"username\":\"$user\"" "$me" 'the account is not let in'
say 'it calls by Digest'

docker compose stop "${services[@]}" > /dev/null 2>&1
mapfile -t containers < <(docker compose ps -aq "${services[@]}")
codes=$(docker inspect -f '{{.State.ExitCode}}' "${containers[@]}")
expect '^[0[:space:]]+$' "$codes" 'exit codes after SIGTERM'
say "stopped by SIGTERM with exit code 0: ${#containers[@]} container(s)"

docker compose restart mariadb > /dev/null 2>&1
docker compose start "${services[@]}" > /dev/null 2>&1
awaited ready > /dev/null
[ "$(as_user "$api/accounts/me")" = "$me" ] || fail 'the account is not what it was before the restart'
expect '"total":' "$(as_admin "$api/accounts")" 'the administrator is not let in after the restart'
expect 'up to date' "$(docker compose exec -T api flexisip-api migrate:status)" 'the schema is behind'
say 'after a restart of everything, both are there'

as_user -X DELETE "$api/accounts/me" > /dev/null
as_admin -X DELETE "$api/accounts/me" > /dev/null
say 'PASS'
