// Every verb over msgpack-RPC, by a client that knows nothing of AMMO: msgpack-rpc-lite from npm. Usage: every_verb.cjs HOST:PORT
"use strict";
const assert = require("assert");
const { createClient } = require("msgpack-rpc-lite");

const [host, port] = process.argv[2].split(":");
const client = createClient(Number(port), host);
const call = async (verb, ...params) => (await client.request(verb, ...params))[0];

async function main() {
  const films = { 1: [1.0, 0.0], 2: [0.0, 1.0], 3: [0.6, 0.8] };
  for (const [goal, place] of Object.entries(films))
    await call("put_goal", goal, { subspace: "film", grounded: place, item: { title: `Film ${goal}` }, facts: [{ name: "title", text: `Film ${goal}` }] });
  assert((await call("put_user", "7")).created);
  await call("put_interest", "7", { subspace: "film", vector: [1.0, 0.0] });
  const slates = await Promise.all(Array.from({ length: 100 }, () => call("get_slate", "7", { slots: 2 })));
  assert(slates.every((slate) => slate.items.length === 2));
  const [first, second] = slates[0].items;
  assert.equal((await call("post_feedback", [{ user: "7", impression: first.impression, value: 1 }])).accepted, 1);
  const [third, fourth] = slates[1].items;
  assert.equal((await call("post_preferences", "7", { better: third.impression, worse: fourth.impression })).accepted, 1);
  const asked = await call("post_question", "7", second.impression, { text: "who made it?" });
  assert(asked.goal === second.goal && asked.questions_left === 15);
  assert((await call("get_why", "7", second.impression)).rewards >= 1);
  assert.equal((await call("get_belief", "7")).rounds, 100);
  const receipt = await call("post_creation", "1", { e: [0.9, 0.1] });
  await call("delete_creation", "1", receipt.creation);
  assert((await call("post_text", "1", { text: "a film" })).title.startsWith("Film 1"));
  assert.equal((await call("get_livez")).status, "live");
  assert.equal((await call("get_readyz")).status, "ready");
  assert((await call("get_health")).ready);
  assert.equal((await call("get_statistics")).users, 1);
  await client.notify("post_feedback", [{ user: "7", impression: second.impression, value: 0 }]);
  await assert.rejects(call("get_slate", "99"), (refused) => String(refused).includes("unknown_user"));
  await call("delete_goal", "3");
  await call("delete_user", "7");
  client.close();
  console.log("every verb has answered");
}

setTimeout(() => { console.error("no answer in 30 s"); process.exit(1); }, 30_000).unref();
main().catch((why) => { console.error(why); process.exit(1); });
