/** Bytes as programs write them: text, halves of characters, what looks like frames, and any others. */
import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'

const bytesOf = (text: string) => new TextEncoder().encode(text)

const PIECES = [
  ...[
    'a',
    'é',
    '€',
    '😀',
    '\n',
    '\r',
    '\r\n',
    '\0',
    '\u2028',
    '\ufeff',
    '\u001b[31m',
    'data: {}\n\n',
    'event: x\n',
    '{"type":"exit"}\n',
    '\n\n',
    ': x\n\n',
  ].map(bytesOf),
  ...[
    [0xff],
    [0xc3],
    [0xa9],
    [0xe2, 0x82],
    [0xac],
    [0xf0, 0x9f],
    [0x98, 0x80],
    [0xed, 0xa0, 0x80],
    [0xc0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xfe, 0xff],
    [0xef, 0xbb],
    [0xbf],
  ].map((bytes) => Uint8Array.from(bytes)),
]

/** Pieces, each of which is written by a call of its own. */
export const writtenBytes: Arbitrary<Uint8Array[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...PIECES) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    { weight: 1, arbitrary: fc.constant(bytesOf('€'.repeat(30_000))) },
  ),
  { maxLength: 8 },
)

/** A program that writes the pieces that its input names, waiting between them or not. */
export const WRITES = `
import json, os, sys, time
asked = json.load(sys.stdin)
for descriptor, pieces in asked["pieces"].items():
    for piece in pieces:
        left = bytes.fromhex(piece)
        while left:
            left = left[os.write(int(descriptor), left):]
        if asked["waits"]:
            time.sleep(0.004)
`
