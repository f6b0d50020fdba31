/** Sign-in failures that are the user's or the issuer's "no", and not errors of ours. */
import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client'
import { SignInRefused } from './identity.ts'

/** Runs one sign-in. An issuer's refusal, or an answer that does not match the request, becomes SignInRefused. */
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
