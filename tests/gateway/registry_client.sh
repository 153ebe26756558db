#!/bin/sh
# A client of msgpack-RPC out of its language's registry, as it is published, against a server of its own. Usage: registry_client.sh pip|npm|go AMMO DEPLOYMENT WORK.
# 77: the language, or its registry, isn't here.
set -u
by=$1 ammo=$2 deployment=$3 work=$4
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$work"
case $by in
  pip)
    export PYTHONPATH="$work"
    [ -d "$work/aio_msgpack_rpc" ] || python3 -m pip install --quiet --target "$work" aio-msgpack-rpc || exit 77
    set -- python3 "$here/every_verb/every_verb.py"
    ;;
  npm)
    export NODE_PATH="$work/node_modules"
    [ -d "$NODE_PATH/msgpack-rpc-lite" ] || npm install --silent --no-audit --no-fund --prefix "$work" msgpack-rpc-lite@1.0.2 || exit 77
    set -- node "$here/every_verb/every_verb.cjs"
    ;;
  go)
    PATH=$PATH:/usr/local/go/bin
    command -v go > /dev/null || exit 77
    cp "$here"/every_verb/main.go "$here"/every_verb/go.mod "$here"/every_verb/go.sum "$work"
    (cd "$work" && go mod download) || exit 77
    (cd "$work" && go build -o every_verb .) || exit 1
    set -- env "$work/every_verb"
    ;;
esac
exec sh "$here/rpc_client.sh" "$ammo" "$deployment" "$@"
