#!/usr/bin/env node
// A cinema's own program, in JavaScript (Node 18 or later, nothing to install): brings twelve films, and learns what a visitor likes.
//
//     ammo serve examples/clients/cinema.toml
//     node examples/clients/cinema.mjs http://127.0.0.1:8088
import { randomInt, randomUUID } from "node:crypto";

const url = (process.argv[2] ?? "http://127.0.0.1:8088").replace(/\/$/, "");

/** A call; resolves to the answer's document, or null. An error has the problem's name. */
async function call(method, path, body) {
  const headers = { ...(body && { "Content-Type": "application/json" }) };
  // A call with a key may be repeated: it happens once, and the repeat gets the first answer.
  if (method !== "GET") headers["Idempotency-Key"] = randomUUID();
  let answer;
  for (let attempt = 0; attempt < 3; ++attempt) {
    answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(10_000) });
    if (answer.status !== 503) break;
  }
  const text = await answer.text();
  const value = text ? JSON.parse(text) : null;
  if (!answer.ok) throw Object.assign(new Error(`${value.error}: ${value.title} (${value.detail})`), { name: value.error });
  return value;
}

/** Films lie on a circle of genres. */
const film = (number) => [Math.cos((2 * Math.PI * number) / 12), Math.sin((2 * Math.PI * number) / 12)];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1];

const visitor = String(randomInt(2 ** 47)); // ids are texts: JavaScript's numbers lose digits beyond 2^53
await call("PUT", `/v1/users/${visitor}`);

for (let number = 0; number < 12; ++number)
  await call("PUT", `/v1/goals/${number}`, {
    subspace: "film", owner: String(number), grounded: film(number), content: String(number),
    item: { title: `Film ${number}`, link: `https://example.org/films/${number}` },
  }).catch((error) => { if (error.name !== "duplicate_goal") throw error; }); // another run has brought it

const seen = new Map();
for (let round = 0; round < 120; ++round) {
  const { items } = await call("GET", `/v1/users/${visitor}/slate?slots=3`);
  await call("POST", "/v1/feedback",
    items.map((item) => ({ user: visitor, impression: item.impression, value: dot(film(Number(item.content)), film(10)) })));
  if (round >= 80) for (const { title } of items) seen.set(title, (seen.get(title) ?? 0) + 1);
}

const { mean } = await call("GET", `/v1/users/${visitor}/belief`);
const most = [...seen].sort((a, b) => b[1] - a[1]).slice(0, 3).map(([title]) => title).sort();
console.log("seen most:", most.join(", "));
console.log("believed taste:", mean.map((v) => v.toFixed(2)).join(", "));
await call("DELETE", `/v1/users/${visitor}`);
