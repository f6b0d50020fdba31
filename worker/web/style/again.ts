/** A run's state with what can be done about it, and the form that runs it again. */
export const AGAIN = `
.state { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; margin: 1rem 0; }
.state .badge { min-width: 0; margin-inline-end: 0.25rem; }
.try textarea[name='description'] { font: inherit; }
.try form > * + label { margin-top: 0.5rem; }
.try button { margin-top: 0.6rem; }
@media print { .state a { display: none; } }
`
