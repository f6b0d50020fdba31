/** Pictures in the rows of the list of runs: their place is kept before they have come. */
export const THUMBNAILS = `
.runs .said:has(+ .thumbnails) { flex: 1 1 16rem; min-width: 0; align-self: start; }
.thumbnails { display: flex; flex: none; gap: 0.4rem; margin-inline-start: auto; padding-top: 0.3rem; }
.thumbnails img { display: block; width: 4.5rem; height: 3rem; object-fit: cover; border: 1px solid var(--line); border-radius: 0.3rem; background: var(--sunken); overflow: hidden; font-size: 0; }
.thumbnails:hover img { border-color: var(--edge); }
@media (max-width: 40rem) { .thumbnails { flex-basis: 100%; margin: 0; padding-bottom: 0.2rem; } }
`
