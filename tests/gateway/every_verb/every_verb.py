"""Every verb over msgpack-RPC, by a client that knows nothing of AMMO: aio-msgpack-rpc from PyPI. Usage: every_verb.py HOST:PORT"""
import asyncio
import sys

try:
    from aio_msgpack_rpc import Client
    from aio_msgpack_rpc.error import RPCResponseError
except ImportError:
    sys.exit(77)  # skipped


async def main(address):
    host, port = address.rsplit(":", 1)
    client = Client(*await asyncio.open_connection(host, int(port)))
    films = {1: [1.0, 0.0], 2: [0.0, 1.0], 3: [0.6, 0.8]}
    for goal, place in films.items():
        await client.call("put_goal", str(goal), {"subspace": "film", "grounded": place, "item": {"title": f"Film {goal}"}, "facts": [{"name": "title", "text": f"Film {goal}"}]})
    assert (await client.call("put_user", "7"))["created"]
    await client.call("put_interest", "7", {"subspace": "film", "vector": [1.0, 0.0]})
    slates = await asyncio.gather(*(client.call("get_slate", "7", {"slots": 2}) for _ in range(100)))
    assert all(len(slate["items"]) == 2 for slate in slates)
    first, second = slates[0]["items"]
    assert (await client.call("post_feedback", [{"user": "7", "impression": first["impression"], "value": 1}]))["accepted"] == 1
    third, fourth = slates[1]["items"]
    assert (await client.call("post_preferences", "7", {"better": third["impression"], "worse": fourth["impression"]}))["accepted"] == 1
    asked = await client.call("post_question", "7", second["impression"], {"text": "who made it?"})
    assert asked["goal"] == second["goal"] and asked["questions_left"] == 15, asked
    assert (await client.call("get_why", "7", second["impression"]))["rewards"] >= 1
    assert (await client.call("get_belief", "7"))["rounds"] == 100
    receipt = await client.call("post_creation", "1", {"e": [0.9, 0.1]})
    await client.call("delete_creation", "1", receipt["creation"])
    assert (await client.call("post_text", "1", {"text": "a film"}))["title"].startswith("Film 1")
    assert (await client.call("get_livez"))["status"] == "live"
    assert (await client.call("get_readyz"))["status"] == "ready"
    assert (await client.call("get_health"))["ready"]
    assert (await client.call("get_statistics"))["users"] == 1
    await client.notify("post_feedback", [{"user": "7", "impression": second["impression"], "value": 0}])
    try:
        await client.call("get_slate", "99")
        raise AssertionError("user 99 has no slate")
    except RPCResponseError as refused:
        assert "unknown_user" in str(refused), refused
    await client.call("delete_goal", "3")
    await client.call("delete_user", "7")
    client.close()
    print("every verb has answered")


asyncio.run(asyncio.wait_for(main(sys.argv[1]), 30))
