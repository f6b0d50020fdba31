import 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    missingForNetworks: string | null
  }
}
