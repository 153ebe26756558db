#!/bin/sh
# The alert rules, by Prometheus' own promtool: of the machine, or out of Debian's package, which isn't installed. Usage: alerts.sh RULES TEST WORK. 77: there is no promtool to be had.
set -eu
rules=$1 test=$2 work=$3
mkdir -p "$work"
promtool=$(command -v promtool || true)
if [ -z "$promtool" ]; then
  promtool=$work/prometheus/usr/bin/promtool
  if [ ! -x "$promtool" ]; then
    (cd "$work" && apt-get download prometheus > download.log 2>&1) || { cat "$work/download.log"; exit 77; }
    dpkg-deb -x "$work"/prometheus_*.deb "$work/prometheus"
    rm "$work"/prometheus_*.deb
  fi
fi
cp "$rules" "$work/alerts.yaml"
cp "$test" "$work/test.yaml"
"$promtool" check rules "$work/alerts.yaml"
"$promtool" test rules "$work/test.yaml"
# A test that can't fail is none: with a rule that never fires it does.
sed 's/> 50/> 5000/' "$rules" > "$work/alerts.yaml"
! "$promtool" test rules "$work/test.yaml" > /dev/null 2>&1 || { echo "the test passes whatever the rules say" >&2; exit 1; }
