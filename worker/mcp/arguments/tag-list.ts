/** The tags of a learning, as a text with commas: lists are among what hosts misread. */
import { LIMITS } from '../../learning/learning.ts'
import { boundedText } from './bounded-text.ts'

export const tagList = boundedText(LIMITS.tags * (LIMITS.tag + 2), 'give fewer').default('')
