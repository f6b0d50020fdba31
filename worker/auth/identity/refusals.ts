/** Which failures of a sign-in are its user's or the issuer's "no", and not ours. */
import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client'
import { SignInRefused } from './identity.ts'

/** Runs one sign-in; what the issuer refused, or what does not fit to what was asked for, becomes SignInRefused. */
export async function refusals<T>(signIn: () => Promise<T>): Promise<T> {
  try {
    return await signIn()
  } catch (error) {
    if (error instanceof AuthorizationResponseError) {
      const denied = error.error === 'access_denied'
      throw new SignInRefused(denied ? 'The sign-in was declined.' : `The sign-in failed: ${error.error}.`, {
        cause: error,
      })
    }
    if (error instanceof ResponseBodyError) {
      throw new SignInRefused(`The sign-in failed: ${error.error}.`, { cause: error })
    }
    if (error instanceof ClientError) {
      throw new SignInRefused('The answer of the sign-in service was not valid.', { cause: error })
    }
    throw error
  }
}
