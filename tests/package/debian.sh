#!/bin/sh
# Makes the packages of a build and uses them as who installs them does. Usage: debian.sh CPACK BUILD WORK TESTS
set -eu
cpack=$1 build=$2 work=$3 tests=$4

fail() {
  echo "$*" >&2
  exit 1
}
field() { dpkg-deb -f "$work/made/$1"_*.deb "$2"; }
says() { case $2 in *"$3"*) ;; *) fail "$1 says \"$2\", not \"$3\"" ;; esac; }

rm -rf "$work"
mkdir -p "$work/made" "$work/root"
"$cpack" -G DEB --config "$build/CPackConfig.cmake" -B "$work/made" > "$work/cpack.log" 2>&1 || {
  cat "$work/cpack.log"
  fail "no packages were made"
}
rm -rf "$work/made/_CPack_Packages"

# What each says of itself, and that nothing lies where it shouldn't or is there twice.
version=$(field ammo Version)
says "ammo's Depends" "$(field ammo Depends)" "ammo-data (= $version)"
for needed in libcaf-core0.17 libsqlite3-0 libpq5 libssl3; do
  says "ammo's Depends" "$(field ammo Depends)" "$needed"
done
says "ammo-data's Architecture" "$(field ammo-data Architecture)" all
if [ -e "$work"/made/libammo0* ]; then
  says "libammo-dev's Depends" "$(field libammo-dev Depends)" "libammo0.1 (= $version)"
else
  says "libammo-dev's Depends" "$(field libammo-dev Depends)" libcaf-dev
fi
for package in "$work"/made/*.deb; do
  name=$(dpkg-deb -f "$package" Package)
  dpkg-deb -c "$package" | awk '$2 != "root/root" { print; bad = 1 } END { exit bad }' || fail "$name has files that aren't root's"
  dpkg-deb --fsys-tarfile "$package" | tar t | grep -v '/$' >> "$work/files"
  dpkg-deb -x "$package" "$work/root"
  for what in Apache-2.0 O\*NET ODbL "Chain Registry"; do
    grep -q "$what" "$work/root/usr/share/doc/$name/copyright" || fail "$name's copyright has nothing of $what"
  done
done
[ -z "$(sort "$work/files" | uniq -d)" ] || fail "in two packages: $(sort "$work/files" | uniq -d)"
! grep -v '^\./usr/' "$work/files" || fail "outside of /usr"
for file in bin/ammo lib/systemd/system/ammo.service share/ammo/operations/alerts.yaml share/ammo/subspaces/edu/data/SOURCE.md include/ammo-0.1/ammo/runtime.hpp; do
  [ -e "$work/root/usr/$file" ] || fail "no package has $file"
done

# The command with its data, and a host that is built with the development files.
play() { # play COMMAND…: a short game
  "$@" run coin --rounds 20 --users 10 --no-baselines --quiet --report - | grep -q '"attributions"' || fail "$*: no game"
}
play "$work/root/usr/bin/ammo"
library=$(dirname "$(find "$work/root/usr/lib" -name 'libammo*' | head -n 1)")
cmake -S "$tests/find_package" -B "$work/host" -DCMAKE_PREFIX_PATH="$work/root/usr" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 > "$work/host.log"
cmake --build "$work/host" --target host >> "$work/host.log" 2>&1 || { cat "$work/host.log"; fail "a host doesn't build"; }
env LD_LIBRARY_PATH="$library" "$work/host/host" || fail "a host doesn't run"

# What the container does before it serves, and with which arguments it serves: as in examples/container/compose.yaml, on a port of its own.
PATH=$work/root/usr/bin:$PATH
for time in first second; do
  "$tests/../../examples/container/first_keys" "$work/keys" localhost 127.0.0.1 serve > "$work/$time"
done
grep -q 'site.crt  the node site' "$work/first" || fail "first_keys: $(cat "$work/first")"
[ ! -s "$work/second" ] || fail "first_keys has made keys again: $(cat "$work/second")"
ammo serve coin --listen=0.0.0.0:0 --admin=0.0.0.0:0 --rpc=0.0.0.0:0 --certificate="$work/keys/certificates/site.crt" --key="$work/keys/certificates/site.key" \
  --keys="$work/keys" --state="$work/state" > "$work/ready" &
server=$!
tries=0
until [ "$(grep -c '^ready' "$work/ready")" = 3 ] || [ $tries = 600 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
kill -TERM $server
wait $server || fail "serve has ended badly"
grep -q '^ready https://' "$work/ready" || fail "serve says: $(cat "$work/ready")"

# Installed for good, by dpkg, over a copy of this machine that is thrown away.
mkdir -p "$work/over"
cat > "$work/install.sh" << 'END'
set -eu
work=$1
mount -t tmpfs none "$work/over" 2> /dev/null || exit 77
mkdir "$work/over/changes" "$work/over/scratch" "$work/over/machine"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/over/changes,workdir=$work/over/scratch" "$work/over/machine" 2> /dev/null || exit 77
mkdir -p "$work/over/machine/tmp/packages"
cp "$work"/made/*.deb "$work/over/machine/tmp/packages"
mount -t proc proc "$work/over/machine/proc" 2> /dev/null || exit 77
chroot "$work/over/machine" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -euc '
  dpkg -i /tmp/packages/*.deb > /tmp/dpkg.log 2>&1 || { cat /tmp/dpkg.log; exit 1; }
  [ "$(command -v ammo)" = /usr/bin/ammo ]
  ammo --version
  cd /tmp
  ammo run job --rounds 5 --users 5 --no-baselines --quiet --report - | grep -q O.NET
  if command -v systemd-analyze > /dev/null; then
    systemd-analyze verify /usr/lib/systemd/system/ammo.service 2>&1 | { ! grep -i ammo.service; }
  fi
  dpkg -r $(dpkg-deb -f /tmp/packages/ammo_*.deb Package) libammo-dev > /dev/null
  [ ! -e /usr/bin/ammo ]'
END
code=0
unshare -m sh "$work/install.sh" "$work" || code=$?
case $code in
  0) ;;
  77) echo "This machine allows no copy of itself: the packages were unpacked and used, not installed." ;;
  *) fail "dpkg, or what it has installed, failed: $code" ;;
esac
