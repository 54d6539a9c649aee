// What the benchmark's report adds to the style sheet of run reports.

export const BENCH_STYLE = `
:root { --s0: #0a62b0; --s1: #b04a00; --s2: #14693a; --s3: #8a2f8f; --s4: #b3261e; --s5: #5f6a00 }
@media (prefers-color-scheme: dark) { :root { --s0: #74bbff; --s1: #f0a35e; --s2: #74d196; --s3: #e29be6; --s4: #ff8f85; --s5: #d3d35a } }
main { max-width: 1280px }
h1 { margin-bottom: 12px; font-size: 36px; max-width: none } h1 .tag { font: 600 14px system-ui, sans-serif; vertical-align: 7px }
.tag.software { background: var(--warn-page); color: var(--warn) }
.machines { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); margin-top: 28px }
.machine { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px 18px 8px }
.machine h3 { margin: 0 0 4px; font-size: 17px; overflow-wrap: anywhere }
.machine .facts { font-size: 14px; margin: 10px 0; gap: 4px 18px }
.big { display: flex; flex-wrap: wrap; gap: 4px 26px; margin: 10px 0 4px; font-variant-numeric: tabular-nums }
.big b { font-size: 22px; font-weight: 600 } .big span { color: var(--soft); font-size: 13px }
.rooflines { display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 560px), 1fr)); margin-top: 18px }
.roofline .roof { fill: none; stroke: var(--ink); stroke-width: 1.75 } .roofline .ridge { stroke: var(--soft); stroke-dasharray: 3 4 }
.roofline path { stroke: var(--card); stroke-width: .75 } .roofline .on-roof, .roofline .named { fill: var(--ink) } .save { font-size: 13px; margin: 4px 0 6px }
.roofline .frame { stroke: var(--line) }
.s0 { fill: var(--s0); color: var(--s0) } .s1 { fill: var(--s1); color: var(--s1) } .s2 { fill: var(--s2); color: var(--s2) }
.s3 { fill: var(--s3); color: var(--s3) } .s4 { fill: var(--s4); color: var(--s4) } .s5 { fill: var(--s5); color: var(--s5) }
.suites { display: flex; flex-wrap: wrap; gap: 4px 22px; font-size: 14px; margin: 14px 0 0 } .suites svg { width: 12px; height: 12px; margin-right: 7px; vertical-align: -1px }
.bench { font-size: 14px } .bench th, .bench td { padding: 4px 0 4px 20px } .bench tr > :first-child { padding-left: 0; white-space: nowrap; min-width: 300px }
.bench thead th { font-size: 13px; color: var(--soft) } .bench thead tr:first-child th { color: var(--ink); font-size: 14px }
.bench .begin { border-left: 1px solid var(--line) } .bench .begin:not(:nth-child(2)) { padding-left: 20px } .bench tr > .last { padding-right: 20px } .bench small { color: var(--soft) }
.bench td.share { min-width: 96px } .share .track { display: inline-block; vertical-align: -1px; width: 52px; height: 9px; margin-left: 8px; color: var(--s0) }
.share.memory .track { color: var(--s2) } .share .track span { max-width: 100% }
.failures { color: var(--bad) }
`;
