/** The page about usage. */
export const USAGE = `
.amounts { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1rem; margin: 1rem 0; }
.amounts > div { border: 1px solid var(--line); border-radius: 0.4rem; padding: 1rem; }
.amounts dt { color: var(--quiet); }
.amounts dd { margin: 0.25rem 0 0; font-size: 1.1rem; }
.amounts dd p, .amounts dd form { font-size: 1rem; margin: 0.5rem 0 0; }
meter { display: block; width: 100%; height: 1rem; margin-top: 0.5rem; }
.chart { display: block; width: 100%; height: auto; margin: 1rem 0; }
.chart .ran { fill: var(--accent); }
.chart .failed { fill: var(--danger); }
.chart line { stroke: var(--line); }
.by-day th[scope='row'] { font-weight: normal; }
`
