/**
 * The row of pages above every page. Where it has no room it goes on sideways instead of taking more rows: the sign of the product stands
 * for its name and stays, the edge fades where there is more, and the page that is shown comes into view.
 */
export const NAVIGATION = `
nav { max-width: 64rem; margin: 0 auto; padding: 0 1rem; display: flex; gap: 0 1.25rem; flex-wrap: wrap; }
nav a { padding: 0.6rem 0 0.45rem; color: var(--quiet); text-decoration: none; border-bottom: 2px solid transparent; }
nav a:hover { color: inherit; border-color: var(--line); }
nav a[aria-current] { color: inherit; border-color: var(--accent); }
header nav a:first-child { color: inherit; font-weight: 650; margin-inline-end: 0.5rem; }
@media (max-width: 46rem) {
  .app header nav { flex-wrap: nowrap; gap: 0 0.6rem; padding-inline-end: 2rem; overflow-x: auto; scrollbar-width: none; overscroll-behavior-x: contain; scroll-padding-inline: 3.75rem 2rem;
    mask-image: linear-gradient(to left, transparent, #000 2rem); }
  .app header nav a { flex: none; padding-inline: 0.25rem; }
  .app header nav a:focus-visible { outline-offset: -3px; border-radius: 0.3rem; }
  .app header nav a[aria-current] { scroll-initial-target: nearest; scroll-snap-align: center; }
  .app header nav a:first-child { position: sticky; inset-inline-start: -1rem; z-index: 1; margin: 0 -0.6rem 0 -1rem; padding-inline: 1rem 0.85rem; border: 0; background: linear-gradient(to right, var(--raised) calc(100% - 0.85rem), transparent); font-size: 0; }
  .app header nav a:first-child::before { content: url('/assets/icons/plain.svg'); display: block; width: 1.5rem; height: 1.5rem; }
}
`
