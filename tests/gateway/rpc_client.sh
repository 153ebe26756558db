#!/bin/sh
# Runs a client of msgpack-RPC against a server of its own. Usage: rpc_client.sh AMMO DEPLOYMENT INTERPRETER SCRIPT. 77: its library isn't here.
set -u
ammo=$1 deployment=$2 interpreter=$3 script=$4
folder=$(mktemp -d)
"$ammo" serve "$deployment" --listen 127.0.0.1:0 --rpc 127.0.0.1:0 > "$folder/ready" &
server=$!
trap 'kill "$server" 2> /dev/null; rm -rf "$folder"' EXIT
tries=0
until grep -qs '^ready msgpack-rpc' "$folder/ready" || [ $tries = 600 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
"$interpreter" "$script" "$(sed -n 's|^ready msgpack-rpc://||p' "$folder/ready")" || exit
kill -TERM "$server"
wait "$server"
