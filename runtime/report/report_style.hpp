/// The look of a report's page: light and dark as the reader's system says.
#pragma once

namespace ammo {

inline constexpr const char* report_style = R"css(
:root { color-scheme: light dark; --paper: #fbfbf9; --card: #fff; --ink: #1d2228; --soft: #66707c; --line: #e3e5e8;
  --c0: #0b7a53; --c1: #b4690e; --c2: #8a4fbf; --bar: #cfe8dd; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --card: #1c2127; --ink: #e8eaed; --soft: #98a2ae;
  --line: #2d343c; --c0: #3ecf96; --c1: #f0a94b; --c2: #c191f5; --bar: #1f4a3a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 20px 60px; }
h1 { font-size: 28px; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 17px; margin: 0 0 12px; }
p { margin: 6px 0; }
.soft, figcaption, .tick { color: var(--soft); fill: var(--soft); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 16px; margin: 28px 0 16px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 16px; margin: 16px 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 18px 20px; min-width: 0;
  overflow-x: auto; }
.tile b { display: block; font-size: 30px; line-height: 1.2; font-variant-numeric: tabular-nums; }
figure { margin: 0; }
svg { width: 100%; height: auto; display: block; font: 12px system-ui, sans-serif; }
.grid { stroke: var(--line); }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
.curve.c0 { stroke: var(--c0); stroke-width: 2.6; } .curve.c1 { stroke: var(--c1); stroke-dasharray: 6 3; }
.curve.c2 { stroke: var(--c2); stroke-dasharray: 2 3; }
.name { font-weight: 600; } .c0 { color: var(--c0); } .c1 { color: var(--c1); } .c2 { color: var(--c2); }
.name.c0 { fill: var(--c0); } .name.c1 { fill: var(--c1); } .name.c2 { fill: var(--c2); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 6px 0 6px 14px; border-top: 1px solid var(--line); white-space: nowrap; }
thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: 13px; }
th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal; }
tbody th { font-weight: 600; } tbody th .soft { font-weight: 400; font-size: 14px; }
.bar { position: relative; padding-right: 6px; }
.bar i { position: absolute; inset: 2px auto 2px 0; background: var(--bar); border-radius: 4px; }
.bar span { position: relative; }
footer { font-size: 13px; margin-top: 24px; }
)css";

} // namespace ammo
