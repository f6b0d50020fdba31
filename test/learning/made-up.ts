/** Texts as random as secrets, the same each time; made here, so that no scanner takes them for leaks. */

const HEX = '0123456789abcdef'
const DIGITS_AND_CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** State of a linear congruential generator, which starts alike each time. */
let state = 20_261_128
export function random(alphabet: string, length: number): string {
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return alphabet[Math.floor((state / 2_147_483_648) * alphabet.length)]!
  }).join('')
}
export const hex = (length: number) => `0a${random(HEX, length - 2)}`
export const any = (length: number) => `a1B${random(LETTERS, length - 3)}`
export const base64 = (length: number) => `${any(7)}/${any(7)}+${any(length - 16)}`
export const caps = (length: number) => random(DIGITS_AND_CAPITALS, length)
export const part = (text: string) => Buffer.from(text).toString('base64url')
