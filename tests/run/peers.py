"""Learners in Python in the worlds of bench/people. Usage: peers.py BENCH_PEOPLE bench/peers [FOLDER].

With a folder, a virtual environment is made in it, and all peers of requirements.txt play there; without, the standard library is enough.
Exit code 77: the environment can't be made here (no PyPI, no venv).
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

BENCH, PEERS = sys.argv[1], pathlib.Path(sys.argv[2])
PYTHON = sys.executable


def run_peers(*arguments, json_too=True):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "all.json"
        ended = subprocess.run([PYTHON, PEERS / "peers.py", "--bench-people", BENCH, *arguments, *(["--json", file] if json_too else [])],
                               capture_output=True, text=True)
        return ended, {(row["world"], row["peer"]): row for row in json.loads(file.read_text())} if file.exists() else {}


def hosted(answers, *arguments):
    return subprocess.run([BENCH, "--host", "offset0", "--people", "1", *arguments], input=answers, capture_output=True, text=True)


class WithTheStandardLibrary(unittest.TestCase):
    def test_the_default_learns_and_chance_does_not(self):
        ended, rows = run_peers("--worlds", "offset0,late-20", "--peers", "ammo,ammo_alone,uniform", "--people", "4", "--rounds", "300", "--seed", "5")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        for world in "offset0", "late-20":
            uniform = rows[world, "uniform"]
            self.assertEqual(len(uniform["values"]), 4)
            self.assertAlmostEqual(sum(uniform["values"]) / 4, uniform["mean"])
            self.assertAlmostEqual(uniform["curve"][-1], uniform["mean"])
            self.assertAlmostEqual(max(uniform["values"]), uniform["worst"])
            self.assertGreater(uniform["mean"], 4 * rows[world, "ammo"]["mean"])
            self.assertGreater(uniform["mean"], 4 * rows[world, "ammo_alone"]["mean"])
            self.assertGreater(uniform["slates_a_second"], 0)
        self.assertIn("AMMO's default", ended.stdout)

    def test_the_same_slates_meet_the_same_rewards(self):
        slates = "".join(f"[{k}, {k + 1}, {k + 2}, {k + 3}, {k + 4}]\n" for k in range(20))
        first = hosted(slates, "--rounds", "20", "--seed", "3")
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertEqual(first.stdout, hosted(slates, "--rounds", "20", "--seed", "3").stdout)
        self.assertNotEqual(first.stdout, hosted(slates, "--rounds", "20", "--seed", "4").stdout)
        lines = [json.loads(line) for line in first.stdout.splitlines()]
        start, said, result = lines[0], lines[1:-1], lines[-1]
        self.assertEqual((start["dim"], start["slots"], len(start["rows"])), (16, 5, 500))
        self.assertEqual([line[0] for line in said], ["choose", *["learn", "choose"] * 19])
        self.assertEqual([told[:2] for told in said[1][4]], [[0, 0], [1, 1], [2, 2], [3, 3], [4, 4]])
        self.assertEqual(len(result["curve"]), 20)

    def test_late_rewards_come_late(self):
        slates = "[0, 1, 2, 3, 4]\n" * 30
        ended = subprocess.run([BENCH, "--host", "late-20", "--people", "1", "--rounds", "30"], input=slates, capture_output=True, text=True)
        said = [json.loads(line) for line in ended.stdout.splitlines()[1:-1]]
        self.assertEqual([line[2] for line in said if line[0] == "learn"], list(range(10)))  # of the first rounds alone

    def test_the_host_refuses_what_is_no_slate(self):
        for answer, sentence in [("[0, 1, 2, 3]", "a slate is an array of 5 contents below 500"), ("[0, 1, 2, 3, 500]", "below 500"), ("[0, 1, 2, 3, -1]", "below 500"),
                                 ("[0, 1, 2, 3, 3]", "no content twice"), ("what?", "not what?"), ("", "has ended before the world did")]:
            ended = hosted(answer + "\n" * bool(answer))
            self.assertEqual(ended.returncode, 1, answer)
            self.assertIn(sentence, ended.stderr)

    def test_bad_usage_is_said(self):
        for arguments, sentence in [(["--worlds", "nowhere"], "there is no world nowhere"), (["--peers", "nobody"], "there is no peer nobody"), (["--people", "0"], "at least 1"),
                                    (["--bench-people", "/nowhere/bench_people"], "cmake --build")]:
            ended, _ = run_peers(*arguments, json_too=False)
            self.assertEqual(ended.returncode, 2, arguments)
            self.assertIn(sentence, ended.stderr)
        self.assertEqual(subprocess.run([BENCH, "--host", "off"], capture_output=True).returncode, 2)


class FromPyPI(unittest.TestCase):
    def test_all_peers_play_and_learn(self):
        ended, rows = run_peers("--worlds", "clicks-50", "--people", "2", "--rounds", "150", "--seed", "5")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        uniform = rows["clicks-50", "uniform"]["mean"]
        for (_, peer), row in rows.items():
            # VW's explorers are slow to learn from 750 rewards; in less there is nothing to see.
            if peer != "uniform" and not peer.startswith("vw_"):
                self.assertLess(row["mean"], 0.8 * uniform, peer)
        self.assertLess(rows["clicks-50", "vw_epsilon"]["mean"], uniform)
        self.assertEqual(len(rows), 13)

    def test_situations_and_what_nobody_can_be_told(self):
        ended, rows = run_peers("--worlds", "dayparts-0,heart", "--people", "2", "--rounds", "40", "--peers", "c2ucb,lints_told,mabwiser_lints,vw_squarecb,vw_squarecb_pooled")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertNotIn("has ended before", ended.stderr)
        self.assertEqual(len(rows), 9)
        self.assertNotIn(("heart", "lints_told"), rows)
        self.assertIn("no one noise to be told", ended.stdout)

    def test_slates_over_http(self):
        with subprocess.Popen([PYTHON, PEERS / "vw_server.py", "--listen", "127.0.0.1:0", "--films", "50"], stdout=subprocess.PIPE, text=True) as server:
            try:
                url = server.stdout.readline().split()[1]
                load = subprocess.run([PYTHON, PEERS / "http_load.py", url, "--seconds", "1", "--connections", "4"], capture_output=True, text=True)
                self.assertEqual(load.returncode, 0, load.stderr)
                measured = json.loads(load.stdout)
                for part in "full", "half":
                    self.assertGreater(measured[part]["rate"], 0)
                    self.assertEqual(measured[part]["failed"], 0)
            finally:
                server.terminate()


if __name__ == "__main__":
    suite = WithTheStandardLibrary
    if len(sys.argv) > 3:
        suite, folder = FromPyPI, pathlib.Path(sys.argv[3])
        made = subprocess.run([sys.executable, "-m", "venv", folder])
        PYTHON = folder / "bin" / "python"
        if made.returncode or subprocess.run([PYTHON, "-m", "pip", "install", "-q", "-r", PEERS / "requirements.txt"]).returncode:
            print("no virtual environment with these packages can be made here")
            sys.exit(77)
    result = unittest.TextTestRunner(verbosity=2).run(unittest.defaultTestLoader.loadTestsFromTestCase(suite))
    sys.exit(not result.wasSuccessful())
