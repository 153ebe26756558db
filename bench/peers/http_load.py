#!/usr/bin/env python3
"""Asks an HTTP server for slates as bench_gateway's clients do: kept-open connections, one request at a time on each, first as fast as answers
come, then at half that rate by a schedule, where late is late: measured from when the request was due. The standard library alone.

    http_load.py http://127.0.0.1:8099 --seconds 5 --connections 64 --people 256

Prints JSON: {"connections", "people", "seconds", "bytes", "full": {"rate", "p50_ms", "p99_ms", "failed"}, "half": {...}}.
"""

import argparse
import asyncio
import json
import sys
import time
import urllib.parse


class Connection:
    def __init__(self, user):
        self.request = f"GET /v1/users/{user}/slate HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        self.milliseconds, self.failed, self.bytes = [], 0, 0

    async def run(self, host, port, every, first, until):
        reader, writer = await asyncio.open_connection(host, port)
        due = first
        try:
            while (begun := time.monotonic()) < until:
                if every:
                    if due >= until:
                        return
                    await asyncio.sleep(max(0.0, due - begun))
                    begun = due
                    due += every
                writer.write(self.request)
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
                await reader.readexactly(length)
                self.milliseconds.append(1e3 * (time.monotonic() - begun))
                self.failed += not head.startswith(b"HTTP/1.1 200")
                self.bytes = len(head) + length
        finally:
            writer.close()


async def measure(host, port, given, rate=0.0):
    every = given.connections / rate if rate else 0.0
    begun = time.monotonic()
    connections = [Connection(i % given.people) for i in range(given.connections)]
    await asyncio.gather(*(c.run(host, port, every, begun + 0.05 + every * i / given.connections, begun + given.seconds) for i, c in enumerate(connections)))
    took = time.monotonic() - begun
    times = sorted(m for c in connections for m in c.milliseconds)
    if not times:
        raise RuntimeError(f"no answer in {given.seconds} s")
    return {"rate": round(len(times) / took, 1), "p50_ms": round(times[len(times) // 2], 2), "p99_ms": round(times[min(len(times) - 1, len(times) * 99 // 100)], 2),
            "failed": sum(c.failed for c in connections)}, max(c.bytes for c in connections)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="of the server")
    parser.add_argument("--seconds", type=float, default=5, help="each (default: %(default)s)")
    parser.add_argument("--connections", type=int, default=64, help="(default: %(default)s)")
    parser.add_argument("--people", type=int, default=256, help="(default: %(default)s)")
    given = parser.parse_args()
    url = urllib.parse.urlsplit(given.url)
    if url.scheme != "http" or not url.port:
        parser.error("the URL is http://HOST:PORT")
    try:
        full, size = asyncio.run(measure(url.hostname, url.port, given))
        half, _ = asyncio.run(measure(url.hostname, url.port, given, full["rate"] / 2))
    except (OSError, RuntimeError, asyncio.IncompleteReadError) as error:
        print(f"{given.url}: {error}", file=sys.stderr)
        return 1
    print(json.dumps({"connections": given.connections, "people": given.people, "seconds": given.seconds, "bytes": size, "full": full, "half": half}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
