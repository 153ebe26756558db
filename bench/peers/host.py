"""The worlds of bench/people, played over a pipe (bench/people/hosting.hpp): one learner for each person."""

import json
import subprocess
import time


class HostError(RuntimeError):
    """The host has ended; its own sentence is on standard error."""


def play(bench_people, world, people, seed, rounds, make, progress=None):
    """Plays a world to its end.

    make(start, person) makes a learner with choose(situation, round) -> contents and learn(situation, told, round), where told is a list of
    (content, slot, reward). Returns the host's result with "seconds" (processor time of this thread in choosing and learning: the pipe and
    the world's arithmetic are left out) and "slates" beside.
    """
    command = [bench_people, "--host", world, "--people", str(people), "--seed", str(seed)]
    if rounds:
        command += ["--rounds", str(rounds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as host:
        try:
            return converse(host, world, people, make, progress)
        except BaseException:
            host.kill()  # else it would say on standard error that we have gone
            raise


def converse(host, world, people, make, progress):
    first = host.stdout.readline()
    if not first:
        raise HostError(f"nothing of {world} is hosted")
    start = json.loads(first)
    learners = [make(start, person) for person in range(people)]
    clock = time.thread_time
    seconds, slates = 0.0, 0
    for line in host.stdout:
        said = json.loads(line)
        if isinstance(said, dict):
            return said | {"seconds": seconds, "slates": slates, "rounds": start["rounds"]}
        verb, person, round_number, situation = said[:4]
        begun = clock()
        if verb == "learn":
            learners[person].learn(situation, said[4], round_number)
            seconds += clock() - begun
            continue
        contents = learners[person].choose(situation, round_number)
        seconds += clock() - begun
        slates += 1
        host.stdin.write(json.dumps([int(c) for c in contents]) + "\n")
        host.stdin.flush()
        if progress and person == people - 1:
            progress(round_number + 1, start["rounds"])
    raise HostError(f"the host ended in the midst of {world}")
