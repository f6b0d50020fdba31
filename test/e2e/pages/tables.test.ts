/** Tables that programs made: the first rows as a table, the rest as the file. */
import { expect, test } from 'vitest'
import { rowsOf } from '../../../worker/web/client/tables.ts'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()

test('a CSV file is a table with its head, its numbers to the right, 200 rows and no more', async () => {
  await it.run(
    [
      'import csv',
      'with open("prices.csv", "w", newline="") as f:',
      '    w = csv.writer(f)',
      '    w.writerow(["name", "price"])',
      '    w.writerow(["<img src=x onerror=alert(1)>, \\"quoted\\"\\nand torn", 1])',
      '    for i in range(100_000): w.writerow([f"item {i}", i * 1.5])',
    ].join('\n'),
  )
  await it.ended('succeeded')
  const table = it.page.getByRole('table', { name: 'prices.csv: the first 200 rows' })
  await table.waitFor()
  await until(() => table.getByRole('columnheader').allInnerTexts()).toEqual(['name', 'price'])
  expect(
    await table.locator('th').evaluateAll((all) => all.map((each) => (each as HTMLTableCellElement).scope)),
  ).toEqual(['col', 'col'])
  await until(() => table.locator('tbody tr').count()).toBe(200)
  await until(() => table.locator('tbody td').first().textContent()).toBe(
    '<img src=x onerror=alert(1)>, "quoted"\nand torn',
  )
  await until(() => table.locator('tbody tr').nth(1).getByRole('cell').allInnerTexts()).toEqual(['item 0', '0.0'])
  const aligned = (at: number) =>
    table
      .locator('tbody td')
      .nth(at)
      .evaluate((each) => getComputedStyle(each).textAlign)
  expect([await aligned(0), await aligned(1)]).toEqual(['start', 'end'])
  expect(await it.downloaded('Download prices.csv')).toContain('item 99999,149998.5')
  expect(it.complaints).toEqual([])
})

test.each([
  ['', []],
  ['a', [['a']]],
  [
    'a,b\r\n1,2\r\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a,\n,b',
    [
      ['a', ''],
      ['', 'b'],
    ],
  ],
  ['a,', [['a', '']]],
  ['"a,""b""\nc",d\n', [['a,"b"\nc', 'd']]],
  ['"never closed,\n', [['never closed,\n']]],
  ['"a"b,c', [['ab', 'c']]],
  ['\ufeffname\n\n', [['name'], ['']]],
])('%j has its rows', (text, rows) => {
  expect(rowsOf(text, 100)).toEqual(rows)
})

test('no more rows are read than are asked for', () => {
  expect(rowsOf('a\n'.repeat(1_000), 3)).toEqual([['a'], ['a'], ['a']])
})
