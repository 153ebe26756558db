#!/usr/bin/env python3
"""Plays Vowpal Wabbit's CCB, MABWiser and numpy's C2UCB and LinTS in the worlds of bench/people, beside AMMO's default User Buddy.

The worlds, people, creations and noise are bench_people's own, which hosts them over a pipe and counts the regret. Printed are the mean over
people with its 95 % interval, the worst person, and slates a second of one core in choosing and learning alone (the pipe is left out).

    make peers                                  # builds bench_people, makes the virtual environment build/peers, plays one world
    make peers ARGS="--worlds stars,clicks-10 --peers ammo,c2ucb,vw_epsilon --people 40 --json peers.json"

Vowpal Wabbit takes most of the time: of ten minutes a world of 1,500 rounds, nine.

Licences: Vowpal Wabbit BSD-3-Clause, MABWiser Apache-2.0, NumPy BSD-3-Clause.
"""

import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # before numpy is loaded: seconds are of one core

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import host
import learners

DEFAULT_WORLDS = ["offset0"]
OWN = {"ammo": (["--period", "8"], "AMMO's default; told nothing, sums over people"), "ammo_alone": (["--period", "0"], "AMMO's default; told nothing, alone")}


def fail(sentence, code=1):
    print(sentence, file=sys.stderr)
    sys.exit(code)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench-people", default="build/bench/bench/bench_people", help="the host (default: %(default)s)")
    parser.add_argument("--worlds", default=",".join(DEFAULT_WORLDS), help="names by comma (default: %(default)s); bench_people --list has them all")
    parser.add_argument("--peers", default="all", help="names by comma, or all: " + ", ".join([*OWN, *learners.LEARNERS]))
    parser.add_argument("--people", type=int, default=20, help="of a world (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=2001, help="creations, people and noise follow from it (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=0, help="instead of the world's own")
    parser.add_argument("--json", help="write everything to this file, with each person's regret and the mean curve")
    given = parser.parse_args()
    if given.people < 1 or given.rounds < 0 or given.seed < 0:
        parser.error("--people is at least 1, --rounds and --seed are not negative")
    given.worlds = [w for w in given.worlds.split(",") if w]
    known = [*OWN, *learners.LEARNERS]
    given.peers = known if given.peers == "all" else [p for p in given.peers.split(",") if p]
    for peer in given.peers:
        if peer not in known:
            parser.error(f"there is no peer {peer}; there are {', '.join(known)}")
    if not os.access(given.bench_people, os.X_OK):
        fail(f"there is no {given.bench_people}: cmake --build --preset bench --target bench_people, or say --bench-people", 2)
    listed = subprocess.run([given.bench_people, "--list"], capture_output=True, text=True, check=True).stdout.split()
    listed += subprocess.run([given.bench_people, "--list", "--unlisted"], capture_output=True, text=True, check=True).stdout.split()
    for world in given.worlds:
        if world not in listed:
            parser.error(f"there is no world {world}; there are {', '.join(listed)}")
    return given


class Progress:
    """A line on standard error: rewritten on a terminal, one in ten seconds elsewhere."""

    def __init__(self, what):
        self.what, self.terminal, self.last, self.begun = what, sys.stderr.isatty(), time.monotonic(), time.monotonic()

    def __call__(self, done, of):
        now = time.monotonic()
        if now - self.last < (0.2 if self.terminal else 10):
            return
        self.last = now
        left = (now - self.begun) * (of - done) / done
        print(f"\r{self.what}: round {done:,} of {of:,}, some {left:.0f} s left\033[K" if self.terminal else f"{self.what}: round {done} of {of}, some {left:.0f} s left",
              end="" if self.terminal else "\n", file=sys.stderr, flush=True)

    def done(self):
        if self.terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def play_own(given, world, peer):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "own.json"
        rounds = ["--rounds", str(given.rounds)] if given.rounds else []
        command = [given.bench_people, "--people", str(given.people), "--seed", str(given.seed), "--json", str(file), *OWN[peer][0], *rounds]
        unlisted = world not in subprocess.run([given.bench_people, "--list"], capture_output=True, text=True, check=True).stdout.split()
        subprocess.run([*command, *(["--unlisted"] if unlisted else []), world], check=True, stdout=subprocess.DEVNULL)
        # A world's name may begin another's.
        return next(row for row in json.loads(file.read_text()) if row["world"] == world)


def play_peer(given, world, peer):
    make = learners.LEARNERS[peer][0]()
    progress = Progress(f"{world}, {peer}")
    try:
        result = host.play(given.bench_people, world, given.people, given.seed, given.rounds, make, progress)
    finally:
        progress.done()
    result["slates_a_second"] = result["slates"] / result["seconds"]
    return result


def main():
    given = arguments()
    rows = []
    print(f"{given.people} people, seed {given.seed}; slates a second of one core, choosing and learning")
    print(f"{'world':<16} {'peer':<20} {'regret':>9} {'± 95 %':>8} {'worst':>9} {'slates/s':>9}")
    for world in given.worlds:
        for peer in given.peers:
            note = (OWN[peer] if peer in OWN else learners.LEARNERS[peer])[1]
            try:
                result = play_own(given, world, peer) if peer in OWN else play_peer(given, world, peer)
            except learners.NotTold as why:
                print(f"{world:<16} {peer:<20} {'–':>9} {'':>8} {'':>9} {'':>9}  {why}", flush=True)
                continue
            except learners.MissingPackage as why:
                fail(str(why))
            except (host.HostError, subprocess.CalledProcessError) as why:
                fail(str(why))
            half = "" if result["half"] is None else f"{result['half']:.1f}"
            print(f"{world:<16} {peer:<20} {result['mean']:>9.1f} {half:>8} {result['worst']:>9.1f} {result['slates_a_second']:>9,.0f}  {note}", flush=True)
            rows.append({"world": world, "peer": peer, "note": note, "people": given.people, "seed": given.seed}
                        | {k: result[k] for k in ("rounds", "of", "mean", "half", "worst", "slates_a_second", "values", "curve")})
    if given.json:
        pathlib.Path(given.json).write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        fail("stopped", 130)
