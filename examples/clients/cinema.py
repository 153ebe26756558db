#!/usr/bin/env python3
"""A cinema's own program, in Python: brings twelve films, and learns what a visitor likes.

    ammo serve examples/clients/cinema.toml
    pip install requests
    python3 examples/clients/cinema.py http://127.0.0.1:8088
"""
import math
import sys
import uuid

import requests


class Ammo:
    """The calls that a host needs, over one kept-open connection. An error is an exception with its name."""

    def __init__(self, url):
        self.url, self.http = url.rstrip("/"), requests.Session()

    def call(self, method, path, body=None, **query):
        # A call with a key may be repeated: it happens once, and the repeat gets the first answer.
        key = {} if method == "GET" else {"Idempotency-Key": str(uuid.uuid4())}
        for attempt in range(3):
            answer = self.http.request(method, self.url + path, json=body, params=query, headers=key, timeout=10)
            if answer.status_code != 503:
                break
        if answer.ok:
            return answer.json() if answer.content else None
        problem = answer.json()
        raise RuntimeError(f"{problem['error']}: {problem['title']} ({problem['detail']})")


def film(number):
    """Films lie on a circle of genres."""
    return [math.cos(2 * math.pi * number / 12), math.sin(2 * math.pi * number / 12)]


def main():
    ammo = Ammo(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8088")
    visitor = str(uuid.uuid4().int >> 66)  # ids are texts of decimal digits
    ammo.call("PUT", f"/v1/users/{visitor}")

    for number in range(12):
        try:
            ammo.call("PUT", f"/v1/goals/{number}", {
                "subspace": "film", "owner": str(number), "grounded": film(number), "content": str(number),
                "item": {"title": f"Film {number}", "link": f"https://example.org/films/{number}"}})
        except RuntimeError as error:
            if "duplicate_goal" not in str(error):  # another run has brought it
                raise

    seen = {}
    for round_ in range(120):
        items = ammo.call("GET", f"/v1/users/{visitor}/slate", slots=3)["items"]
        loves = film(10)
        ammo.call("POST", "/v1/feedback", [
            {"user": visitor, "impression": item["impression"],
             "value": sum(a * b for a, b in zip(film(int(item["content"])), loves))} for item in items])
        if round_ >= 80:
            for item in items:
                seen[item["title"]] = seen.get(item["title"], 0) + 1

    belief = ammo.call("GET", f"/v1/users/{visitor}/belief")
    print("seen most:", ", ".join(sorted(sorted(seen, key=seen.get)[-3:])))
    print("believed taste: {:.2f}, {:.2f}".format(*belief["mean"]))
    ammo.call("DELETE", f"/v1/users/{visitor}")


if __name__ == "__main__":
    main()
