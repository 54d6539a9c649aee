// The style sheet of the report: light and dark, wide and narrow, screen and paper.

export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1d22; --soft: #59616d; --line: #dfe1e6; --page: #faf9f7; --card: #fff;
  --plain: #a84a00; --guided: #0a62b0; --good: #14693a; --bad: #b3261e; --shade: #eceae4; --warn: #7a4b00; --warn-page: #fff2d6 }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e8e4; --soft: #a5acb8; --line: #343840; --page: #141519;
  --card: #1c1e23; --plain: #f0a35e; --guided: #74bbff; --good: #74d196; --bad: #ff8f85; --shade: #23262c; --warn: #ffd27a;
  --warn-page: #3a2c0c } }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
main { max-width: 1080px; margin: 0 auto; padding: 48px 24px 96px }
h1, h2 { font-family: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", "P052", Georgia, serif; font-weight: 600; text-wrap: balance }
h1 { font-size: 44px; line-height: 1.12; letter-spacing: -.012em; margin: 6px 0 20px; max-width: 22em }
h2 { font-size: 26px; line-height: 1.2; margin: 72px 0 8px }
h3 { font-size: 16px; margin: 32px 0 8px } h3.cross-entropy { color: var(--plain) } h3.guided { color: var(--guided) }
p { margin: 0 0 14px; max-width: 46em }
a { color: var(--guided) }
ul { list-style: none; margin: 0; padding: 0 }
.eyebrow { color: var(--soft); font-size: 14px; letter-spacing: .04em; margin: 0 }
.lead { font-size: 19px; line-height: 1.55; max-width: 42em }
.note { color: var(--soft); font-size: 15px; max-width: 50em } table + .note, .charts + .note { margin-top: 12px }
.badge { display: inline-block; background: var(--warn-page); color: var(--warn); border-radius: 8px; padding: 8px 14px; margin: 6px 0 0 }
.tag { font-size: 12px; font-weight: 600; letter-spacing: .03em; background: var(--shade); border-radius: 4px; padding: 1px 6px; white-space: nowrap }
.good { color: var(--good) } .bad { color: var(--bad) }
th.cross-entropy, .legend .cross-entropy { color: var(--plain) } th.guided, .legend .guided { color: var(--guided) }

table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 16px }
th { font-weight: 400; text-align: left } thead th { font-weight: 600; font-size: 15px; vertical-align: bottom }
th, td { padding: 6px 0 6px 20px; vertical-align: baseline } th:first-child, td:first-child { padding-left: 0 }
caption { text-align: left; font-weight: 600; font-size: 15px; padding-bottom: 6px } td small { display: block; color: var(--soft); font-size: 12px }
.n { text-align: right; white-space: nowrap } thead .n { white-space: normal }
tbody tr { border-bottom: 1px solid var(--line) }
.results { width: 100%; max-width: 720px }
th[scope=rowgroup] { font-weight: 600; font-size: 14px; color: var(--soft); padding-top: 26px } tbody:first-of-type th[scope=rowgroup] { padding-top: 4px }
.way { color: var(--soft); font-size: 13px } .results th[scope=row] { width: 100% }
.published, .counts, .trust, .confused { font-size: 15px } .wide { overflow-x: auto; margin: 18px 0 } .total th, .total td { font-weight: 600 }
.matrices { display: flex; flex-wrap: wrap; gap: 0 48px } .matrices .wide { min-width: 0; max-width: 100% }
.confusion { font-size: 14px } .confusion th, .classes th[scope=row] { overflow-wrap: anywhere; max-width: 150px } .confusion .n { padding: 6px 12px; min-width: 48px }
.confusion td { background: color-mix(in srgb, var(--bad) calc(var(--share) * 35%), transparent) } .confusion td.diagonal { background: color-mix(in srgb, var(--guided) calc(var(--share) * 30%), transparent) }
.classes { font-size: 15px }
.settings { font-size: 14px; margin-top: 8px } .settings th { color: var(--soft) } .settings td { overflow-wrap: anywhere }

.gallery { display: grid; gap: 16px; margin-top: 20px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)) }
.gallery.tiles-4 { grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)) }
.card { display: grid; grid-template-columns: repeat(var(--tiles), minmax(0, 1fr)); align-content: start; gap: 8px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 10px 10px 8px; break-inside: avoid }
.card figure { min-width: 0; margin: 0 } .card img { display: block; width: 100%; height: auto; border-radius: 5px }
.card figcaption { font-size: 14px; line-height: 1.3; margin-top: 6px; overflow-wrap: anywhere } .card small { display: block; color: var(--soft); font-size: 12px }
.card .p { color: var(--soft); font-size: 12px; white-space: nowrap }
.scale { display: inline-block; width: 90px; height: 12px; border-radius: 3px; vertical-align: -1px }

.concepts td { vertical-align: middle } .concepts img { display: block; max-width: none } .concepts small { display: block; color: var(--soft); font-size: 12px }
.concepts .track { display: block; width: 84px; height: 8px; margin: 0 0 3px auto; color: var(--guided) } .concepts thead th { max-width: 110px }

.legend { font-weight: 600; margin-bottom: 4px } .legend span { margin-right: 22px; white-space: nowrap }
.legend span::before { content: ""; display: inline-block; width: 26px; margin-right: 8px; vertical-align: 4px; border-top: 3px solid currentColor }
.legend .cross-entropy::before { border-top-style: dashed }
.charts { display: grid; gap: 16px; margin-top: 20px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr)) }
.charts.three { grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)) }
.chart { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 12px 12px 6px; break-inside: avoid }
.chart figcaption { font-size: 15px; font-weight: 600; margin: 0 0 6px } .chart svg { width: 100%; height: auto; display: block; overflow: visible }
.chart text { fill: var(--soft); font-size: 11px } .rule { stroke: var(--line) } .shared { fill: var(--shade) }
polyline { fill: none; stroke-width: 2.25; stroke-linejoin: round } .cross-entropy polyline { stroke-dasharray: 6 4 }
g.cross-entropy { stroke: var(--plain); color: var(--plain) } g.guided { stroke: var(--guided); color: var(--guided) }
circle { fill: currentColor; stroke: none } .band { fill: currentColor; stroke: none; opacity: .16 } .whisker { stroke-width: 1.25; opacity: .6 } .diagonal { stroke: var(--soft); stroke-dasharray: 2 4 }

.duels { display: grid; gap: 22px 48px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); margin: 28px 0 24px }
.duels dl { margin: 0 } .duels dt { font-size: 15px; font-weight: 600; margin-bottom: 6px }
.duels dd { display: grid; grid-template-columns: 124px 1fr 62px; align-items: center; gap: 10px; margin: 3px 0; font-size: 14px; font-variant-numeric: tabular-nums }
.duels b { text-align: right } .track { height: 14px; background: var(--shade); border-radius: 3px } .track span { display: block; height: 100%; min-width: 2px; border-radius: 3px; background: currentColor }
.duels .cross-entropy .track { color: var(--plain) } .duels .guided .track { color: var(--guided) }

.facts { display: grid; grid-template-columns: max-content 1fr; gap: 7px 24px; margin: 16px 0 } .facts dt { color: var(--soft) } .facts dd { margin: 0; overflow-wrap: anywhere; max-width: 46em }
details { margin-top: 18px } summary { cursor: pointer; color: var(--guided); padding: 4px 0 } summary:focus-visible, a:focus-visible, .wide:focus-visible { outline: 2px solid var(--guided); outline-offset: 3px }

@media (max-width: 600px) {
  main { padding: 28px 16px 64px } h1 { font-size: 31px } h2 { margin-top: 52px; font-size: 23px } .lead { font-size: 17px }
  table, .classes, .published, .trust { font-size: 14px } thead th { font-size: 13px } th, td { padding-left: 10px } .card { gap: 6px; padding: 8px }
  .results { table-layout: auto } .results td small { white-space: normal }
  .facts { grid-template-columns: 1fr; gap: 0 } .facts dd { margin-bottom: 10px } .duels { gap: 18px } .duels dd { grid-template-columns: 112px 1fr 58px } }
@page { margin: 12mm }
@media print {
  :root { --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc } body { font-size: 9.5pt; line-height: 1.4 } main { max-width: none; padding: 0 }
  h1 { font-size: 20pt; margin: 4pt 0 8pt } h2 { font-size: 14pt; margin: 11pt 0 3pt; break-after: avoid } h3 { margin: 10pt 0 4pt; break-after: avoid } .lead { font-size: 11pt } p, .note { max-width: none; margin-bottom: 6pt; font-size: 9pt }
  tr, dt, dd, .chart { break-inside: avoid } a { color: inherit } caption { font-size: 9pt; break-after: avoid } thead { display: table-header-group }
  table, .results, .classes, .published, .trust, .confusion, .counts, .settings { font-size: 8.5pt; max-width: 100% } thead th { font-size: 8.5pt } th, td { padding: 1pt 0 1pt 10pt } th[scope=rowgroup] { padding-top: 6pt }
  td small, .card small, .card .p { font-size: 7pt } td small { display: inline; margin-left: 4pt } .concepts small, .gallery > :nth-child(n + 7), .tiles-4 > :nth-child(n + 5), .concepts tbody tr:nth-child(n + 9) { display: none } td, th { overflow-wrap: anywhere } .wide { overflow: visible; margin: 8pt 0 } .duels { margin: 10pt 0; gap: 8pt 24pt; grid-template-columns: 1fr 1fr }
  .gallery, .gallery.tiles-4 { grid-template-columns: repeat(3, 1fr); gap: 6pt; margin-top: 6pt } .gallery.tiles-4 { grid-template-columns: repeat(2, 1fr) } .card { padding: 5pt; gap: 4pt } .card figcaption { font-size: 8pt; margin-top: 2pt }
  .gallery.mistakes { grid-template-columns: repeat(4, 1fr) } .twofold { columns: 2 } .twofold h2 { column-span: all } .twofold .wide { break-inside: avoid }
  .charts, .charts.three { grid-template-columns: repeat(3, 1fr); gap: 6pt; margin-top: 6pt } .chart { padding: 6pt } .chart figcaption { font-size: 9pt } .facts { gap: 2pt 14pt; margin: 6pt 0 }
  .wide table { max-width: 100% } .wide .n, .concepts thead th { white-space: normal } .wide th, .wide td { padding-left: 6pt } .wide th:first-child { padding-left: 0 }
  .confusion .n { padding: 1pt 4pt; min-width: 0 } .confusion th, .classes th[scope=row] { max-width: none } .confusion { font-size: 7.5pt } .matrices { display: grid; grid-template-columns: 1fr 1fr; gap: 0 16pt }
  .concepts img { height: 26px; width: auto } .concepts .track { display: none }
  .track span, .scale, .card img, td { print-color-adjust: exact; -webkit-print-color-adjust: exact } }
`;
