/** What stands on a run's page beside its text. */
export const RUN_LOG = `
.framed { display: block; width: 100%; height: 24rem; margin: 0.75rem 0; border: 1px solid var(--line); border-radius: 0.4rem; background: #fff; color-scheme: light; resize: vertical; box-sizing: border-box; }
`
