"use strict";
// The page of `ammo serve`: what both of its views share, and a person's. Texts of creations are only ever set as text, never as markup.

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

let customs = {}; // of each subspace: what people can do there, and how it is shown

async function learnCustoms() {
  const told = await call("GET", "/v1/subspaces");
  customs = Object.fromEntries(told.subspaces.map((s) => [s.name, s]));
}

const done = { like: "You like it.", share: "Shared.", dismiss: "You won't see more like it." };

function card(item) {
  const title = element("h3");
  const custom = customs[item.subspace] ?? { label: item.subspace, emblem: "", accent: "", action: "Read more", signals: [] };
  const away = { href: item.link, rel: "noopener noreferrer", target: "_blank" }, linked = /^https?:/.test(item.link);
  if (linked) title.append(element("a", { ...away, textContent: item.title }));
  else title.textContent = item.title || `Creation ${item.creation}`;
  const kind = element("p", { className: "kind" }, ...(custom.emblem ? [element("span", { className: "emblem", ariaHidden: "true", textContent: custom.emblem })] : []), custom.label);
  const body = element("p", { className: "body", textContent: item.body });
  const actions = element("div", { className: "actions" });
  const made = element("li", {}, kind, title, body);
  if (linked) made.append(element("p", { className: "action" }, element("a", { ...away, textContent: custom.action, ariaLabel: `${custom.action}: ${item.title}` })));
  made.append(actions);
  if (/^#[0-9a-f]{6}$/i.test(custom.accent)) made.style.setProperty("--hue", custom.accent);
  for (const { name: signal, label } of custom.signals.filter((s) => s.label)) {
    const button = element("button", { type: "button", textContent: label, className: `signal-${signal}` });
    button.setAttribute("aria-label", `${label}: ${item.title}`);
    button.addEventListener("click", () => react(item, signal, label, made, actions));
    actions.append(button);
  }
  actions.append(element("span", { className: "break" }));
  if (item.body.length > 180) {
    const more = element("button", { type: "button", textContent: "More", className: "quiet" });
    more.setAttribute("aria-expanded", "false");
    more.setAttribute("aria-label", `More: ${item.title}`);
    more.addEventListener("click", () => {
      const open = body.classList.toggle("open");
      more.textContent = open ? "Less" : "More";
      more.setAttribute("aria-expanded", String(open));
    });
    actions.append(more);
  }
  const [why, told] = whyButton(item), [ask, session] = sessionOf(item, title, body);
  actions.append(ask, why);
  made.append(session, told);
  return made;
}

const signed = new Intl.NumberFormat("en", { maximumFractionDigits: 2, signDisplay: "exceptZero" });

/** Why an item is shown, in words. */
function reasonsOf(why) {
  const parts = [];
  if (why.by_chance) parts.push(element("p", { textContent: "This one was drawn at random, to find out what you like." }));
  parts.push(element("p", { textContent: why.rewards === 0 ? "Nothing is known of your taste here yet." :
    `It is expected to be worth ${number.format(why.expected)} to you${number.format(why.low) === number.format(why.high) ? "" : `, most likely between ${number.format(why.low)} and ${number.format(why.high)}`}; what is usual here is ${number.format(why.usual)}. ` +
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
  const button = element("button", { type: "button", textContent: "Why?", className: "quiet" }), told = element("div", { className: "why", hidden: true });
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

let sessions = 0; // so that every label finds its field

/** A button that opens a session with the item's creator below it: questions, and the item written anew by the person's words. */
function sessionOf(item, title, body) {
  const button = element("button", { type: "button", textContent: "Ask the creator", className: "quiet" }), id = `question-${++sessions}`;
  const field = element("input", { id, type: "text", maxLength: 250, autocomplete: "off", required: true });
  const send = element("button", { type: "submit", textContent: "Ask" }), left = element("p", { className: "left", hidden: true });
  const form = element("form", { className: "question" }, element("label", { htmlFor: id, textContent: "Your question to who made this" }), element("div", { className: "row" }, field, send), left);
  const said = element("ol", { className: "said", hidden: true });
  said.setAttribute("aria-label", `Your session about ${item.title}`);
  const session = element("div", { className: "session", hidden: true }, said, form);
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-label", `Ask the creator: ${item.title}`);
  button.addEventListener("click", () => {
    session.hidden = !session.hidden;
    button.setAttribute("aria-expanded", String(!session.hidden));
    if (!session.hidden) field.focus();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text || send.disabled) return;
    send.disabled = true;
    try {
      const told = await call("POST", `/v1/users/${user}/impressions/${item.impression}/questions`, { text });
      const answer = element("li", { className: "answer", textContent: told.body, tabIndex: -1 });
      said.append(element("li", { className: "asked", textContent: text }), answer);
      said.hidden = false;
      (title.querySelector("a") ?? title).textContent = told.title;
      body.textContent = told.body;
      field.value = "";
      left.hidden = false;
      left.textContent = told.questions_left === 1 ? "One more question." : `${told.questions_left || "No"} more questions.`;
      form.querySelector(".row").hidden = form.querySelector("label").hidden = told.questions_left === 0;
      say(`${told.title}. Answered from what is known of it. What you think of it reaches your User Buddy and its creator.`);
      answer.focus();
    } catch (problem) { sorry(problem); }
    send.disabled = false;
  });
  return [button, session];
}

async function react(item, signal, label, made, actions) {
  const noted = done[signal] ?? `Noted: ${label}.`;
  for (const button of actions.querySelectorAll("button")) button.disabled = true;
  try {
    if (signal === "share" && navigator.share && item.link) await navigator.share({ title: item.title, url: item.link }).catch(() => {});
    await call("POST", "/v1/feedback", { user, impression: item.impression, signal });
    const said = element("p", { className: "given", textContent: noted, tabIndex: -1 });
    actions.replaceWith(said);
    made.querySelector(".session form")?.remove(); // the session has ended; what was said stays to be read
    said.focus();
    say(`${item.title}: ${noted}`);
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
  if ($("slate").contains(document.activeElement) || document.querySelector("#slate .session:not([hidden])")) {
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
    await Promise.all([learnCustoms(), come()]);
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
