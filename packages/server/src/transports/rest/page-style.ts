/** How the page of the API looks: light or dark as the reader's system is, one column on small screens. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #fff; --ink: #1d2430; --soft: #566072; --line: #e2ded6; --link: #0b5c8f; --code: #f1eee8;
  --get: #0b6b4f; --post: #0b5c8f; --put: #8a5200; --delete: #a8243a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171c; --card: #1b1f26; --ink: #e6e8ec; --soft: #a3adbb; --line: #313843; --link: #7cc0ee; --code: #262c35;
    --get: #5fcfa4; --post: #7cc0ee; --put: #e5b567; --delete: #f2929f;
  }
}
* { box-sizing: border-box }
html { scroll-padding-top: 1rem }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif }
a { color: var(--link); text-underline-offset: .15em }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px }
code { font: .9em/1.4 ui-monospace, SFMono-Regular, Menlo, monospace; background: var(--code); padding: .1em .35em; border-radius: 4px; overflow-wrap: anywhere }
.skip { position: absolute; left: -100vw }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 1 }
.page { max-width: 76rem; margin: 0 auto; padding: 0 1rem 4rem }
header { padding: 2rem 0 1rem; max-width: 46rem }
h1 { margin: 0 0 .25rem; font-size: clamp(1.6rem, 5vw, 2.3rem); line-height: 1.15; letter-spacing: -.015em }
h1 small { font-size: .45em; font-weight: 500; color: var(--soft); letter-spacing: 0; white-space: nowrap }
h2 { margin: 1rem 0 .25rem; font-size: 1.35rem; line-height: 1.25 }
h3 { margin: 1.25rem 0 .4rem; font-size: .95rem; color: var(--soft); font-weight: 600 }
p { margin: .4rem 0 }
.soft, .intro { color: var(--soft) }
nav { margin: 1rem 0; border: 1px solid var(--line); border-radius: 10px; background: var(--card) }
nav > details > summary { padding: .7rem 1rem; font-weight: 600; cursor: pointer }
nav ul { list-style: none; margin: 0; padding: 0 1rem .8rem; display: grid; gap: .1rem }
nav a { display: block; padding: .35rem 0; text-decoration: none }
nav a:hover { text-decoration: underline }
nav .count { color: var(--soft); font-size: .85em }
.operation, .schema { border: 1px solid var(--line); border-radius: 10px; background: var(--card); margin: .6rem 0 }
.operation > summary, .schema > summary { padding: .65rem .9rem; cursor: pointer; list-style: none; display: flex; flex-wrap: wrap; align-items: baseline; gap: .15rem .7rem; position: relative; padding-right: 2.2rem }
.operation > summary::-webkit-details-marker, .schema > summary::-webkit-details-marker { display: none }
.operation > summary::after, .schema > summary::after { content: "+"; position: absolute; right: .95rem; top: .65rem; color: var(--soft); font-weight: 600 }
.operation[open] > summary::after, .schema[open] > summary::after { content: "\\2212" }
.method { font: 700 .8rem/1.4 ui-monospace, SFMono-Regular, Menlo, monospace; min-width: 4.2rem }
.get { color: var(--get) } .post { color: var(--post) } .put { color: var(--put) } .delete { color: var(--delete) }
.path { font-family: ui-monospace, SFMono-Regular, Menlo, monospace; font-size: .92rem; overflow-wrap: anywhere; font-weight: 600 }
.what { color: var(--soft) }
.inside { padding: 0 .9rem 1rem; border-top: 1px solid var(--line) }
.members { margin: .3rem 0; border-top: 1px solid var(--line) }
.members > div { display: grid; grid-template-columns: minmax(9rem, 14rem) 1fr; gap: .1rem 1rem; padding: .45rem 0; border-bottom: 1px solid var(--line) }
.members dt { display: flex; flex-wrap: wrap; gap: .2rem .5rem; align-items: baseline }
.members dd { margin: 0; min-width: 0; display: flex; flex-wrap: wrap; gap: .1rem .7rem }
.members dd .members { flex: 1 1 100%; margin-left: .25rem; padding-left: .75rem; border-left: 3px solid var(--line) }
.required { font-size: .78rem; color: var(--delete) }
.limits { color: var(--soft) }
.answers { margin: 0 }
.answers > div { display: grid; grid-template-columns: 3.2rem 1fr; gap: 0 .8rem; padding: .45rem 0; border-bottom: 1px solid var(--line) }
.answers dt { font-weight: 700; font-variant-numeric: tabular-nums }
.answers dd { margin: 0; min-width: 0 }
.answers dd > p { display: inline; margin-right: .6rem }
section + section { margin-top: 2.5rem }
@media (max-width: 40rem) {
  .members > div { grid-template-columns: 1fr }
  .operation > summary .what { flex-basis: 100% }
  .method { min-width: 0 }
}
@media (min-width: 64rem) {
  .page { display: grid; grid-template-columns: 15rem minmax(0, 1fr); column-gap: 2.5rem; align-items: start }
  header { grid-column: 1 / -1 }
  nav { position: sticky; top: 1rem; max-height: calc(100vh - 2rem); overflow: auto }
}
@media print { nav, .skip { display: none } }
`;
