/** The page about packages. */
export const PACKAGES = `
#install { align-items: end; }
#install label, #lock label { min-width: 0; max-width: 100%; }
#lock input { max-width: 100%; }
#install label { flex: 1 1 16rem; padding-block: 0; }
#install input { display: block; width: 100%; margin-top: 0.25rem; }
#install button { padding: 0.45rem 1rem; }
#installing { max-height: 14rem; margin: 1rem 0; }
.packages th[scope='row'] { font-weight: 600; }
.columns { columns: 14rem; padding-inline-start: 1.2rem; }
.columns li { overflow-wrap: anywhere; break-inside: avoid; }
`
