#!/bin/sh
# Runs an example client against a server of its own. Usage: client.sh AMMO DEPLOYMENT INTERPRETER SCRIPT. 77: its library isn't here.
set -u
ammo=$1 deployment=$2 interpreter=$3 script=$4
case $script in *.py) "$interpreter" -c 'import requests' 2> /dev/null || exit 77 ;; esac
folder=$(mktemp -d)
"$ammo" serve "$deployment" --listen 127.0.0.1:0 > "$folder/ready" &
server=$!
trap 'kill "$server" 2> /dev/null; rm -rf "$folder"' EXIT
tries=0
until grep -qs '^ready' "$folder/ready" || [ $tries = 600 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
"$interpreter" "$script" "$(sed -n 's/^ready //p' "$folder/ready")" > "$folder/said" || exit 1
cat "$folder/said"
grep -q '^seen most: Film 10, Film 11, Film 9$' "$folder/said" || exit 1
# What is believed lies along film 10, which is at (1/2, -sqrt(3)/2). How long it is depends on how lately a change of taste was suspected.
awk -F '[:,]' '/^believed taste/ { found = $2 > 0 && -$3 / $2 > 1.5 && -$3 / $2 < 2 } END { exit !found }' "$folder/said" || exit 1
"$interpreter" "$script" "$(sed -n 's/^ready //p' "$folder/ready")" > /dev/null || exit 1 # its films are there already
kill -TERM "$server"
wait "$server"
