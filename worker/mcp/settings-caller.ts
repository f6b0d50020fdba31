/** What the tools may ask of the settings and the packages of the user who calls. */
import type { InstallEvent } from '../run/protocol.ts'
import type { Capabilities, Overrides, SettingKey, Settings, SettingValue } from '../settings/settings.ts'

export interface SettingsCaller {
  /** What the user changed. */
  changedSettings(): Overrides
  /** Stores a value that was checked. */
  setSetting(key: SettingKey, value: SettingValue): void
  /** Back to the default: one setting, or all. */
  resetSetting(key: SettingKey): void
  resetSettings(): void
  capabilities(): Capabilities
  /** Empties the working folder and removes the installed packages; what programs would lose under their hands is refused. Throws RunnerError and NoExecutor. */
  resetWorkspace(): Promise<{ files: number; packages: number }>
}

export interface PackagesCaller {
  settings(): Settings
  /** Installs specifiers into the workspace; a second installation waits. Aborting ends it, and it changes nothing. Throws RunnerError and NoExecutor. */
  install(specs: string[], timeoutS: number, signal: AbortSignal): AsyncGenerator<InstallEvent>
  /** Resolves when the client of the current call has taken what it was sent, but for at most 1 MiB. */
  clientReady(): Promise<void>
}
