#!/usr/bin/env bash
# What one would write without Rollcall: fetch the report, make rows of it, load them, and let one MERGE do the rest.
# REPORT, CREDENTIALS and DATABASE come from the environment.
set -euo pipefail
here=$(dirname "$0")
database() { psql "$DATABASE" --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$@"; }

database --command 'TRUNCATE staging'
curl --silent --show-error --fail --user "$CREDENTIALS" "$REPORT" | jq --raw-output --from-file "$here/rows.jq" |
	database --command '\copy staging FROM STDIN (FORMAT csv)'
database --single-transaction --file "$here/merge.sql"
