/** Classes of exceptions without a certain way out: the reason is for the decision to run again. */
import type { FailureRule } from './rule.ts'

export const BARE_CLASSES: readonly FailureRule[] = [
  ...(
    [
      ['SyntaxError IndentationError TabError', 'it is not valid Python'],
      ['NameError UnboundLocalError', 'a name is used before anything was assigned to it'],
      ['KeyError', 'a key is not in the dictionary or a column not in the table'],
      ['IndexError', 'an index is outside the sequence'],
      ['AttributeError', 'the object has no such attribute'],
      ['TypeError', 'a value of the wrong type, or wrong arguments'],
      ['ValueError', 'a value is not what the function takes'],
      ['UnicodeDecodeError UnicodeError', 'the bytes are not text in the encoding that it expects'],
      ['UnicodeEncodeError', 'the text cannot be written in that encoding'],
      ['ZeroDivisionError decimal.DivisionByZero decimal.InvalidOperation', 'the calculation has no result'],
      ['FloatingPointError OverflowError', 'the calculation has no result'],
      ['AssertionError', 'a condition that it states does not hold'],
      ['EOFError', 'it read beyond the end of its data'],
      ['json.decoder.JSONDecodeError requests.exceptions.JSONDecodeError', 'the text is not JSON'],
      ['SystemExit', 'it ended itself'],
      ['KeyboardInterrupt', 'it interrupted itself'],
    ] as const
  ).map(([types, reason]): FailureRule => ({ types: types.split(' '), kind: 'deterministic', reason })),
]
