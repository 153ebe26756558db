"use strict";
// The page of `ammo serve`: a person's slate on the left of the header, the operator's figures on the right. Texts of creations are only
// ever set as text, never as markup.

const $ = (id) => document.getElementById(id);

function element(name, props = {}, ...children) {
  const made = Object.assign(document.createElement(name), props);
  made.append(...children);
  return made;
}

function say(text, bad = false) {
  $("status").textContent = text;
  $("status").classList.toggle("bad", bad);
}

/** A call of the server's. Resolves to the answer's document (null: nothing to say); rejects with the problem. */
async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  const value = text ? JSON.parse(text) : null;
  if (!answer.ok) throw value ?? { error: String(answer.status), title: answer.statusText };
  return value;
}

const sorry = (problem) => say(problem.title ? problem.title + (problem.detail ? ` (${problem.detail})` : "") : "The server doesn't answer.", true);

/** The server's stream: pushes of the user, and figures while somebody looks at them. Comes back by itself when it is lost. */
const stream = {
  socket: null, user: null, watching: false, pause: 500,
  open() {
    const socket = this.socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/v1/stream`);
    socket.onopen = () => { this.pause = 500; this.listen(); };
    socket.onmessage = (event) => {
      const told = JSON.parse(event.data);
      if (told.push) onPush(told.push);
      else if (told.statistics) showFigures(told.statistics);
    };
    socket.onclose = () => { setTimeout(() => this.open(), this.pause); this.pause = Math.min(2 * this.pause, 15000); };
  },
  send(what) { if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(what)); },
  listen() {
    if (this.user) this.send({ subscribe: "pushes", user: this.user });
    if (this.watching) this.send({ subscribe: "statistics", every_ms: 1000 });
  },
  follow(user) {
    if (this.user && this.user !== user) this.send({ unsubscribe: "pushes", user: this.user });
    this.user = user;
    this.send({ subscribe: "pushes", user });
  },
  watch(on) {
    if (on !== this.watching) this.send(on ? { subscribe: "statistics", every_ms: 1000 } : { unsubscribe: "statistics" });
    this.watching = on;
  },
};

// -- the person -------------------------------------------------------------------------------------------------------------------------------

function newUser() {
  const bits = crypto.getRandomValues(new BigUint64Array(1))[0];
  return (bits >> 2n).toString(); // below 2^62: simulated people are above
}

const kept = { get: (name) => { try { return localStorage.getItem(name); } catch { return null; } },
               set: (name, value) => { try { localStorage.setItem(name, value); } catch { /* a private window: until it is closed */ } } };

let user = kept.get("ammo.user") ?? newUser();
let slots = Number(kept.get("ammo.slots")) || 6;

async function come() {
  kept.set("ammo.user", user);
  await call("PUT", `/v1/users/${user}`);
  stream.follow(user);
}

const done = { like: "You like it.", save: "Saved.", share: "Shared.", dismiss: "You won't see more like it." };

function card(item) {
  const title = element("h3");
  if (/^https?:/.test(item.link)) title.append(element("a", { href: item.link, rel: "noopener noreferrer", target: "_blank", textContent: item.title }));
  else title.textContent = item.title || `Creation ${item.creation}`;
  const kind = element("p", { className: "kind", textContent: item.subspace });
  const body = element("p", { className: "body", textContent: item.body });
  const actions = element("div", { className: "actions" });
  const made = element("li", {}, kind, title, body, actions);
  made.classList.add(item.subspace.replace(/[^a-z0-9_-]/gi, ""));
  for (const [signal, label] of [["like", "Like"], ["save", "Save"], ["share", "Share"], ["dismiss", "Dismiss"]]) {
    const button = element("button", { type: "button", textContent: label });
    button.setAttribute("aria-label", `${label}: ${item.title}`);
    button.addEventListener("click", () => react(item, signal, made, actions));
    actions.append(button);
  }
  if (item.body.length > 180) {
    const more = element("button", { type: "button", textContent: "More" });
    more.setAttribute("aria-expanded", "false");
    more.setAttribute("aria-label", `More: ${item.title}`);
    more.addEventListener("click", () => {
      const open = body.classList.toggle("open");
      more.textContent = open ? "Less" : "More";
      more.setAttribute("aria-expanded", String(open));
    });
    actions.append(more);
  }
  const [why, told] = whyButton(item);
  actions.append(why);
  made.append(told);
  return made;
}

const signed = new Intl.NumberFormat("en", { maximumFractionDigits: 2, signDisplay: "exceptZero" });

/** Why an item is shown, in words. */
function reasonsOf(why) {
  const parts = [];
  if (why.by_chance) parts.push(element("p", { textContent: "This one was drawn at random, to find out what you like." }));
  parts.push(element("p", { textContent: why.rewards === 0 ? "Nothing is known of your taste here yet." :
    `It is expected to be worth ${number.format(why.expected)} to you, surely between ${number.format(why.low)} and ${number.format(why.high)}; what is usual here is ${number.format(why.usual)}. ` +
    `Learned from ${why.rewards} of your reactions.` }));
  const list = why.reasons.filter((r) => Math.abs(r.contribution) >= 0.005).map((r) => element("li", {
    textContent: `${signed.format(r.contribution)} as you gave ${number.format(r.mean)}${r.rewards > 1 ? ` (${r.rewards} times, on average)` : ""} for ${r.title || `creation ${r.creation}`}` }));
  for (const [part, what] of [[why.from_group, "from what others like"], [why.from_other, "from what you did long ago, or said that you like"]])
    if (Math.abs(part) >= 0.005) list.push(element("li", { textContent: `${signed.format(part)} ${what}` }));
  if (list.length > 0) parts.push(element("ul", {}, ...list));
  return parts;
}

/** A button that says why, below the item. */
function whyButton(item) {
  const button = element("button", { type: "button", textContent: "Why?" }), told = element("div", { className: "why", hidden: true });
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-label", `Why am I shown this: ${item.title}`);
  button.addEventListener("click", async () => {
    try {
      if (told.hidden) told.replaceChildren(...reasonsOf(await call("GET", `/v1/users/${user}/impressions/${item.impression}/why`)));
      told.hidden = !told.hidden;
      button.setAttribute("aria-expanded", String(!told.hidden));
    } catch (problem) { sorry(problem); }
  });
  return [button, told];
}

async function react(item, signal, made, actions) {
  for (const button of actions.querySelectorAll("button")) button.disabled = true;
  try {
    if (signal === "share" && navigator.share && item.link) await navigator.share({ title: item.title, url: item.link }).catch(() => {});
    await call("POST", "/v1/feedback", { user, impression: item.impression, signal });
    const said = element("p", { className: "given", textContent: done[signal], tabIndex: -1 });
    actions.replaceWith(said);
    said.focus();
    say(`${item.title}: ${done[signal]}`);
    await showBelief();
    if (!document.querySelector("#slate .actions")) await showSlate();
  } catch (problem) {
    for (const button of actions.querySelectorAll("button")) button.disabled = false;
    sorry(problem);
  }
}

function draw(slate) {
  $("slate").replaceChildren(...slate.items.map(card));
  if (slate.items.length === 0) $("slate").append(element("li", { className: "empty", textContent: "Nothing is offered right now." }));
}

let waiting = null; // a pushed slate, while the person is busy with the one before

function onPush(slate) {
  if (slate.user !== user || slate.items.length === 0) return;
  if ($("slate").contains(document.activeElement)) {
    waiting = slate;
    $("again").textContent = "Show what is new";
    return say("There is something new for you.");
  }
  draw(slate);
  showBelief().catch(sorry);
  say(`New for you: ${slate.items[0].title}`);
}

async function showSlate() {
  try {
    draw(await call("GET", `/v1/users/${user}/slate?slots=${slots}`));
    await showBelief();
  } catch (problem) { sorry(problem); }
}

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

function svg(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

async function showBelief() {
  const belief = await call("GET", `/v1/users/${user}/belief`);
  $("rounds").textContent = number.format(belief.rounds);
  $("observations").textContent = number.format(belief.observations);
  $("believed").textContent = belief.rounds ? number.format(belief.believed_regret) : "–";
  const most = Math.max(1e-9, ...belief.mean.map(Math.abs)), width = 300 / belief.mean.length;
  $("taste").replaceChildren(...belief.mean.map((v, i) => {
    const height = 28 * Math.abs(v) / most;
    return svg("rect", { x: i * width, y: v > 0 ? 30 - height : 30, width: Math.max(0.5, width * 0.8), height, class: v > 0 ? "up" : "down" });
  }));
}

async function start() {
  $("slots").value = String(slots);
  $("slots-said").textContent = String(slots);
  try {
    await come();
    await showSlate();
  } catch (problem) { sorry(problem); }
}

$("again").addEventListener("click", async () => {
  if (waiting) {
    draw(waiting);
    waiting = null;
    $("again").textContent = "Show me more";
    return say("This is new.");
  }
  await showSlate();
  say("Another slate.");
});
$("slots").addEventListener("input", () => { $("slots-said").textContent = $("slots").value; });
$("slots").addEventListener("change", () => {
  slots = Number($("slots").value);
  kept.set("ammo.slots", String(slots));
  showSlate();
});
$("interest").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = $("words").value.trim();
  if (!text) return;
  try {
    await call("PUT", `/v1/users/${user}/interest`, { text, confidence: 0.9 });
    $("words").value = "";
    await showSlate();
    say(`Your User Buddy has heard: ${text}`);
  } catch (problem) { sorry(problem); }
});
const ask = (open) => {
  $("sure").hidden = !open;
  $("forget").hidden = open;
  $(open ? "forget-no" : "forget").focus();
};
$("forget").addEventListener("click", () => ask(true));
$("forget-no").addEventListener("click", () => ask(false));
$("forget-yes").addEventListener("click", async () => {
  try {
    await call("DELETE", `/v1/users/${user}`);
    user = newUser();
    await come();
    await showSlate();
    ask(false);
    say("Everything about you is forgotten. You start anew.");
  } catch (problem) { sorry(problem); }
});

// -- the operator -----------------------------------------------------------------------------------------------------------------------------

const history = []; // of the last five minutes, a second apart
const window_ = 10; // seconds over which rates are taken

const tiles = [
  ["People", (s) => number.format(s.users) + (s.asleep ? ` + ${number.format(s.asleep)} asleep` : "")], ["Goal Buddies", (s) => number.format(s.goals)], ["Live creations", (s) => number.format(s.creations)],
  ["Slates a second", (s, r) => number.format(r.slates)], ["Feedback a second", (s, r) => number.format(r.feedback)], ["Pushes", (s) => short.format(s.pushes)],
  ["Budget spent", (s) => s.budget_granted_micros ? `${number.format(100 * s.budget_spent_micros / s.budget_granted_micros)} %` : "–"],
  ["Actors restarted", (s) => number.format(s.actors_restarted)], ["Messages", (s) => short.format(s.messages)],
  ["Connections", (s) => number.format(s.gateway.connections_open)],
];

/** Changes over the last seconds, each a second. */
function rates(at) {
  const now = history[at], then = history[Math.max(0, at - window_)];
  const seconds = Math.max(1e-3, now.time - then.time);
  const slates = (now.host.slates ?? 0) - (then.host.slates ?? 0);
  return { slates: (now.slates - then.slates) / seconds, feedback: (now.feedback - then.feedback) / seconds,
           regret: slates > 0 ? (now.host.regret - then.host.regret) / slates : null, chance: slates > 0 ? (now.host.regret_at_random - then.host.regret_at_random) / slates : null };
}

function chart(target, label, lines) {
  const all = lines.flatMap((line) => line.values).filter((v) => v !== null);
  const most = Math.max(1e-9, ...all) * 1.1, left = 44, right = 470, top = 10, bottom = 175;
  const shapes = [0, 0.5, 1].flatMap((share) => {
    const y = bottom - share * (bottom - top) / 1.1;
    return [svg("line", { x1: left, x2: right, y1: y, y2: y }), svg("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, number.format(share * most / 1.1))];
  });
  for (const { values, name } of lines) {
    const points = values.map((v, i) => v === null ? null : `${left + (right - left) * (values.length < 2 ? 1 : i / (values.length - 1))},${bottom - (bottom - top) * v / most}`).filter(Boolean);
    shapes.push(svg("polyline", { class: name, points: points.join(" ") }));
  }
  const first = history[0]?.time, last = history.at(-1)?.time;
  shapes.push(svg("text", { x: left, y: 194 }, `${Math.round(last - first)} s ago`), svg("text", { x: right, y: 194, "text-anchor": "end" }, "now"));
  target.replaceChildren(...shapes);
  target.setAttribute("aria-label", `${label}: ${lines.map((l) => `${l.title} ${l.values.at(-1) === null ? "unknown" : number.format(l.values.at(-1))}`).join(", ")}`);
}

function fill(table, rows, none) {
  const body = table.tBodies[0];
  body.replaceChildren(...rows.map((cells) => element("tr", {}, ...cells.map((cell, i) => element("td", { textContent: cell, className: table.tHead.rows[0].cells[i].className })))));
  if (rows.length === 0) body.append(element("tr", {}, element("td", { colSpan: table.tHead.rows[0].cells.length, className: "empty", textContent: none })));
}

function showFigures(s) {
  history.push({ time: performance.now() / 1000, ...s });
  if (history.at(-1).time - looked > 4) {
    looked = history.at(-1).time;
    showHealth().catch(sorry);
  }
  if (history.length > 300) history.shift();
  const all = history.map((_, i) => rates(i)), now = all.at(-1);
  $("figures").replaceChildren(...tiles.map(([name, of]) => element("div", {}, element("dt", { textContent: name }), element("dd", { textContent: of(s, now) }))));
  $("regret-figure").hidden = !("regret" in s.host);
  if ("regret" in s.host) chart($("regret-chart"), "Regret of a slate", [{ name: "a", title: "theirs", values: all.map((r) => r.regret) }, { name: "b", title: "at random", values: all.map((r) => r.chance) }]);
  chart($("rate-chart"), "A second", [{ name: "a", title: "slates", values: all.map((r) => r.slates) }, { name: "b", title: "feedback", values: all.map((r) => r.feedback) }]);
  const refused = [...s.refused.map((r) => [r.error, "runtime", r.count]), ...s.gateway.refused.map((r) => [r.error, "gateway", r.count])].sort((a, b) => b[2] - a[2]);
  fill($("refused"), refused.map(([error, by, count]) => [error, by, number.format(count)]), "Nothing was refused.");
  fill($("counters"), s.counters.map((c) => [[c.name, ...Object.values(c.labels)].join(" · "), number.format(c.value)]), "Nothing was counted.");
}

const state = (part) => part.quarantined ? "quarantined" : part.answers ? "works" : "silent";

async function showHealth() {
  const health = await call("GET", "/v1/health");
  $("health-said").textContent = health.well ? "every part is well" : health.ready ? "some buddies have failed" : health.state !== "ok" ? `not ready: ${health.state}` : "not ready";
  $("health-box").classList.toggle("bad", !health.well);
  $("warnings").hidden = health.warnings.length === 0;
  $("warnings").replaceChildren(...health.warnings.map((w) => element("li", { textContent: `${w.name}: ${w.detail}` })));
  fill($("health"), health.parts.map((p) => [p.part, state(p), number.format(p.restarts), `${number.format(p.queue_age_us / 1000)} ms`]), "Nothing runs.");
}

let looked = 0; // when health was asked for last, in seconds

// -- which of the two -------------------------------------------------------------------------------------------------------------------------

function route(moved) {
  const operator = location.hash === "#operator";
  $("person-view").hidden = operator;
  $("operator-view").hidden = !operator;
  for (const [link, here] of [["to-person", !operator], ["to-operator", operator]]) {
    if (here) $(link).setAttribute("aria-current", "page");
    else $(link).removeAttribute("aria-current");
  }
  document.title = operator ? "AMMO · Operator" : "AMMO · For you";
  say("");
  stream.watch(operator);
  if (moved) $("main").focus({ preventScroll: true });
  scrollTo(0, 0);
}
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address says which view it is
  $("main").focus();
});
addEventListener("hashchange", () => route(true));
route(false);
stream.open();
start();
