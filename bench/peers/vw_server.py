#!/usr/bin/env python3
"""Vowpal Wabbit behind a small asynchronous HTTP server, as its users deploy it from Python: one process, one model, one event loop.

    GET  /v1/users/{user}/slate     {"user", "round", "items": [{"content", "title", "body", "link", "slot", "propensity"}]}
    POST /v1/feedback               [{"user", "round", "slot", "value"}, ...]: the slate of that round is learned, its other slots are left out

The creations are those of bench_gateway: 1,000 of 32 coordinates. They are parsed once. People are shared features that interact with the
coordinates. A model isn't safe to share between threads, so a slate is decided in the loop. Prints "ready http://HOST:PORT".
"""

import argparse
import collections
import math
import socket
import sys

import learners

REMEMBERED = 65_536  # slates whose feedback may still come; older ones are forgotten


def creations(count, width):
    """As bench_gateway places them."""
    return [[math.cos(i * (k + 1)) / math.sqrt(width) for k in range(width)] for i in range(count)]


class Slates:
    def __init__(self, rows, slots, arguments):
        vw = learners.needs("vowpalwabbit")
        self.label = learners.needs("vowpalwabbit.pyvw").LabelType.CONDITIONAL_CONTEXTUAL_BANDIT
        self.model = vw.Workspace(f"--ccb_explore_adf {arguments} -q UA --quiet")
        self.actions = [self.example("ccb action |A " + " ".join(f"{k}:{x:.6f}" for k, x in enumerate(row))) for row in rows]
        self.slots = slots
        self.rounds = collections.Counter()
        self.shown = collections.OrderedDict()

    def example(self, text):
        return self.model.example(text, labelType=self.label)

    def slate(self, user):
        context, slots = self.example(f"ccb shared |U p{user}"), [self.example("ccb slot |") for _ in range(self.slots)]
        chosen = [slot[0] for slot in self.model.predict([context, *self.actions, *slots])]
        self.model.finish_example([context, *slots])
        self.rounds[user] += 1
        self.shown[user, self.rounds[user]] = chosen
        if len(self.shown) > REMEMBERED:
            self.shown.popitem(last=False)
        return self.rounds[user], chosen

    def learn(self, user, round_number, values):
        """values by slot. False where no such slate is remembered."""
        chosen = self.shown.pop((user, round_number), None)
        if chosen is None:
            return False
        context = self.example(f"ccb shared |U p{user}")
        slots = [self.example(f"ccb slot {a}:{-values[k]:.9g}:{p:.9g} |" if k in values else "ccb slot |") for k, (a, p) in enumerate(chosen)]
        self.model.learn([context, *self.actions, *slots])
        self.model.finish_example([context, *slots])
        return True


def application(slates):
    web = learners.needs("aiohttp.web")
    routes = web.RouteTableDef()

    @routes.get(r"/v1/users/{user:\d+}/slate")
    async def slate(request):
        user = request.match_info["user"]
        number, chosen = slates.slate(user)
        items = [
            {"content": a, "title": f"Film number {a}", "body": "What it is about, in a sentence of the usual length.", "link": f"https://example.org/films/{a}", "slot": k, "propensity": p}
            for k, (a, p) in enumerate(chosen)
        ]
        return web.json_response({"user": user, "round": number, "items": items})

    @routes.post("/v1/feedback")
    async def feedback(request):
        try:
            slates_of = collections.defaultdict(dict)
            for f in await request.json():
                slot, value = int(f["slot"]), float(f["value"])
                if not 0 <= slot < slates.slots or not math.isfinite(value):
                    raise ValueError("a slot or a value out of range")
                slates_of[str(f["user"]), int(f["round"])][slot] = value
        except (ValueError, TypeError, KeyError) as error:
            return web.json_response({"error": "bad_feedback", "detail": str(error)}, status=400)
        learned = [slates.learn(*key, values) for key, values in slates_of.items()]
        return web.json_response({"accepted": sum(learned), "refused": len(learned) - sum(learned)})

    app = web.Application()
    app.add_routes(routes)
    return app


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listen", default="127.0.0.1:8099", help="HOST:PORT; port 0: any that is free (default: %(default)s)")
    parser.add_argument("--films", type=int, default=1000, help="creations (default: %(default)s)")
    parser.add_argument("--width", type=int, default=32, help="coordinates (default: %(default)s)")
    parser.add_argument("--slots", type=int, default=5, help="of a slate (default: %(default)s)")
    parser.add_argument("--explore", default="--epsilon 0.05", help="the model's exploration (default: %(default)s)")
    given = parser.parse_args()
    host, _, port = given.listen.rpartition(":")
    if not host or not port.isdecimal():
        parser.error("--listen is HOST:PORT")
    try:
        listening = socket.create_server((host, int(port)), backlog=1024)
        web = learners.needs("aiohttp.web")
        app = application(Slates(creations(given.films, given.width), given.slots, given.explore))
    except learners.MissingPackage as why:
        print(why, file=sys.stderr)
        return 1
    except OSError as why:
        print(f"can't listen on {given.listen}: {why}", file=sys.stderr)
        return 1
    web.run_app(app, sock=listening, access_log=None, print=lambda *_: print(f"ready http://{host}:{listening.getsockname()[1]}", flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
