"use strict";
// The operator's view, and which of the two is seen. Comes after page.js, and begins.

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

/** `least`: what the scale reaches at the least. */
function chart(target, label, lines, least) {
  const all = lines.flatMap((line) => line.values).filter((v) => v !== null);
  const most = Math.max(least, ...all) * 1.1, left = 44, right = 470, top = 10, bottom = 175;
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

/** What the policy earns above slates at random. */
function showControl(c) {
  $("control-box").hidden = !c;
  if (!c) return;
  const exact = (x) => x === null ? "–" : x.toFixed(3);
  $("lift").textContent = c.lift === null ? "No lift is known yet: nobody was shown slates of both." :
    `Lift ${exact(c.lift)} an impression` + (c.low === null ? "; how sure that is shows once more people were shown both." : `; 95 % interval ${exact(c.low)} to ${exact(c.high)}.`);
  fill($("arms"), [["Policy", c.policy], ["At random", c.control]].map(([name, arm]) => [name, number.format(arm.impressions), exact(arm.mean_reward)]), "");
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
  if ("regret" in s.host) chart($("regret-chart"), "Regret of a slate", [{ name: "a", title: "theirs", values: all.map((r) => r.regret) }, { name: "b", title: "at random", values: all.map((r) => r.chance) }], 0.1);
  chart($("rate-chart"), "A second", [{ name: "a", title: "slates", values: all.map((r) => r.slates) }, { name: "b", title: "feedback", values: all.map((r) => r.feedback) }], 1);
  showControl(s.control);
  const refused = [...s.refused.map((r) => [r.error, "runtime", r.count]), ...s.gateway.refused.map((r) => [r.error, "gateway", r.count])].sort((a, b) => b[2] - a[2]);
  fill($("refused"), refused.map(([error, by, count]) => [error, by, number.format(count)]), "Nothing was refused.");
  fill($("counters"), s.counters.filter((c) => c.name !== "refused").map((c) => [[c.name, ...Object.values(c.labels)].join(" · "), number.format(c.value)]), "Nothing was counted.");
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
