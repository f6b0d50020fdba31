/** A page of somebody who has signed out, in this tab or another, is not shown any longer. */

const CHANNEL = 'signed-out'
/** How long another tab's sign-out may take to reach the server. */
const LOOKS = 20
const BETWEEN_MS = 250
const WAYS_OUT = ['/sign-out', '/account/sign-out-everywhere', '/account/delete']

export function leaveWhenSignedOut(): void {
  const channel = new BroadcastChannel(CHANNEL)
  document.addEventListener('submit', ({ target }) => {
    if (target instanceof HTMLFormElement && WAYS_OUT.includes(pathOf(target))) channel.postMessage('')
  })
  channel.addEventListener('message', () => void lookAgainAndAgain())
  // A page that the browser kept as it was: it is shown when it still may be.
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return
    document.body.hidden = true
    void leaveIfSignedOut().then(() => (document.body.hidden = false))
  })
}

/** Where a form goes. Its property `action` is a button, where one has that name. */
function pathOf(form: HTMLFormElement): string {
  return new URL(form.getAttribute('action') ?? '', location.href).pathname
}

/** Leaves once a stream is closed for good, which is how the server ends those of a browser that has signed out. */
export function leaveWhenClosed(source: EventSource): void {
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) void leaveIfSignedOut()
  })
}

async function lookAgainAndAgain(): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    await leaveIfSignedOut()
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS))
  }
}

/** Does not resolve where it leaves. */
async function leaveIfSignedOut(): Promise<void> {
  const status = await fetch('/app/api/config/schema').then(
    (response) => response.status,
    () => 0, // the server is away: nobody is signed out by that
  )
  if (status !== 401) return
  location.replace(`/sign-in?return=${encodeURIComponent(location.pathname + location.search)}`)
  await new Promise(() => {})
}
