/** Two loops of a pattern that can read the same text: whatever follows and fails is tried for every way to share it out. */
import { CharSet, type NFA } from 'refa'
import { automatonOf } from './automaton.ts'

type Node = NFA.Node
type Step = (from: Node) => Iterable<[Node, CharSet]>

/**
 * Whether a text leads from one loop of the pattern back into itself, from there into a second one, and from the second back into
 * itself: n times this text can be shared out in n ways. When the pattern is searched, the search itself is the first loop of all.
 * A second loop that has matched when it is passed costs nothing, as then nothing fails.
 */
export function readTheSame(source: string, flags: string, how: 'searched' | 'at one place'): boolean {
  const { initial, finals, maxCharacter, notBefore } = automatonOf(source, flags)
  const anything = CharSet.all(maxCharacter)
  const after = new Map([...reachable([initial])].map((node) => [node, reachable(node.out.keys())]))
  const leadsTo = (node: Node, goal: Node) => after.get(node)!.has(goal)
  const loops = [...after.keys()].filter((node) => leadsTo(node, node))
  return loops.some((second) => {
    if (finals.has(second)) return false
    const toSecond = stepsTo((node) => node === second || leadsTo(node, second))
    const inSecond = stepsTo((node) => leadsTo(node, second) && !finals.has(node))
    const share = (first: Node, inFirst: Step, last: CharSet) =>
      walkTogether([first, first, second], [inFirst, toSecond, inSecond], [first, second, second], last)
    if (how === 'searched' && share(initial, () => [[initial, anything]], notBefore.negate())) return true
    return loops.some(
      (first) =>
        first !== second &&
        leadsTo(first, second) &&
        share(
          first,
          stepsTo((node) => leadsTo(node, first)),
          anything,
        ),
    )
  })
}

type Three = [Node, Node, Node]

/** Whether three readers of one text can come from the start to the goal, each by its own steps; the `last` character is one of these. */
function walkTogether(start: Three, [one, two, three]: [Step, Step, Step], goal: Three, last: CharSet): boolean {
  const numbers = new Map<Node, number>()
  const numberOf = (node: Node) => numbers.get(node) ?? numbers.set(node, numbers.size).get(node)
  const seen = new Set<string>()
  const todo = [start]
  for (const [a, b, c] of todo) {
    for (const [nextA, byA] of one(a)) {
      for (const [nextB, byB] of two(b)) {
        const byBoth = byA.intersect(byB)
        if (byBoth.isEmpty) continue
        for (const [nextC, byC] of three(c)) {
          const by = byBoth.intersect(byC)
          if (by.isEmpty) continue
          const next: Three = [nextA, nextB, nextC]
          if (next.every((node, index) => node === goal[index]) && !by.isDisjointWith(last)) return true
          const key = next.map(numberOf).join()
          if (!seen.has(key)) todo.push(next)
          seen.add(key)
        }
      }
    }
  }
  return false
}

function stepsTo(isWanted: (node: Node) => boolean): Step {
  return (from) => [...from.out].filter(([node]) => isWanted(node))
}

function reachable(from: Iterable<Node>): Set<Node> {
  const found = new Set(from)
  for (const node of found) for (const next of node.out.keys()) found.add(next)
  return found
}
