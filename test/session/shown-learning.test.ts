/** What a model reads of the learnings that a failure is shown. */
import { expect, test } from 'vitest'
import { answer, ask, call } from './support/mcp.ts'
import { userToken } from './support/users.ts'

test('it is told whole, not cut to its first letters', async () => {
  const token = await userToken('learner')
  const tool = async (name: string, args: object) =>
    (await answer(await ask(token, call(1, name, args)))).result as unknown as { content: { text: string }[] }
  const solution = 'the column is called "Price (EUR)" in this file; strip the unit'
  await tool('add_learning', { error_pattern: "KeyError: 'price'", solution, context: 'quarterly report' })
  const { content } = await tool('run_python', { code: "{}['price']" })
  const learnings = content[0]!.text.split('\n').filter((line) => line.startsWith('Learning '))
  expect(learnings.map((line) => line.replace(/^Learning l_\w+ \([^)]*\): /, ''))).toEqual([
    `error "KeyError: 'price'"; solution ${JSON.stringify(solution)}; context "quarterly report"; not yet tried`,
  ])
})
