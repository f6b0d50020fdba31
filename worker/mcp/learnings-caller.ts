/** What the tools may ask of the learnings of the user who calls. */
import type { Learning, LearningKind, NewLearning } from '../learning/learning.ts'

export interface Learnings {
  /** `created` is false when it was there already. Throws LearningRefused. */
  addLearning(input: NewLearning): { learning: Learning; created: boolean }
  getLearning(id: string): Learning | null
  /** Best matches first; the newest ones for an empty search. `total`: how many there are of this kind. */
  searchLearnings(query: { search: string; kind?: LearningKind | undefined; limit: number }): {
    learnings: Learning[]
    total: number
  }
}
