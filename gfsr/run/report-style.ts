// The report's style sheet: light and dark, wide and narrow, screen and paper.

export const STYLE = `
:root { color-scheme: light dark; --ink: #1c1e21; --soft: #5c6470; --line: #dcdfe4; --page: #fbfbfa; --card: #fff;
  --plain: #b4530a; --guided: #0b6bbf; --good: #17753a; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e6; --soft: #a2a9b4; --line: #363b43; --page: #15171a;
  --card: #1d2024; --plain: #f0a35e; --guided: #6db8ff; --good: #6fd08c; --bad: #ff8a80; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif }
main { max-width: 1080px; margin: 0 auto; padding: 40px 20px 80px }
h1 { font: 600 40px/1.15 Georgia, "Times New Roman", serif; margin: 4px 0 12px }
h2 { font: 600 24px/1.25 Georgia, "Times New Roman", serif; margin: 56px 0 12px; padding-top: 16px; border-top: 1px solid var(--line) }
h3 { font-size: 15px; margin: 24px 0 4px }
a { color: var(--guided) }
.eyebrow { color: var(--soft); letter-spacing: .06em; text-transform: uppercase; font-size: 13px; margin: 0 }
.lead { font-size: 21px; line-height: 1.45; max-width: 48em; margin: 0 0 16px }
.badge { display: inline-block; border: 1px solid var(--plain); color: var(--plain); border-radius: 6px; padding: 4px 10px; font-size: 14px; margin: 0 }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
.results { width: 100%; max-width: 640px }
.results th[scope=row] { text-align: left; font-weight: 400; padding: 5px 12px 5px 0 }
.results td, .results th[scope=col] { text-align: right; padding: 5px 0 5px 16px }
.results tr { border-bottom: 1px solid var(--line) }
.results .group th { text-align: left; font-size: 13px; color: var(--soft); padding-top: 18px }
.published { margin: 4px 0; padding-left: 20px; font-size: 15px } .source { color: var(--soft) }
.gallery { display: grid; gap: 20px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 480px), 1fr)) }
.example { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px }
.tiles { display: flex; gap: 8px } .tiles div { flex: 1; min-width: 0; text-align: center; font-size: 12px; color: var(--soft) }
.tiles img { display: block; width: 100%; border-radius: 4px; image-rendering: pixelated; margin-bottom: 3px }
figcaption { font-size: 14px; margin-top: 8px; color: var(--soft) } figcaption b { color: var(--ink) }
.right { color: var(--good); margin-right: 10px } .wrong { color: var(--bad); margin-right: 10px }
.charts { display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)) }
.chart { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 10px }
.chart figcaption { margin: 0 0 4px; color: var(--ink) } .chart svg { width: 100%; display: block }
.grid { stroke: var(--line) } .tick { fill: var(--soft); font-size: 11px }
polyline { fill: none; stroke-width: 2 } polyline.cross-entropy { stroke: var(--plain) } polyline.guided { stroke: var(--guided) }
circle.cross-entropy { fill: var(--plain) } circle.guided { fill: var(--guided) }
.legend span { margin-right: 18px } .legend span::before { content: ""; display: inline-block; width: 18px; height: 3px; margin-right: 6px; vertical-align: middle; background: currentColor }
.legend .cross-entropy { color: var(--plain) } .legend .guided { color: var(--guided) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; font-size: 15px } dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
details { margin-top: 16px } summary { cursor: pointer } .settings th { text-align: left; font-weight: 400; color: var(--soft); padding-right: 20px } .settings { font-size: 14px; margin-top: 8px }
@media (max-width: 560px) { h1 { font-size: 30px } .lead { font-size: 18px } dl { grid-template-columns: 1fr } dd { margin-bottom: 8px } }
@media print { body { background: #fff } .example, .chart { break-inside: avoid } details { display: none } }
`;
