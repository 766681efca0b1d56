import { expect, it } from 'vitest'
import { mergeRows } from './mergeRows'

const row = (number: string, state = 'handling') => ({ number, state })

it('changes a row where it stands, although the order is another one now', () => {
  const { rows, added } = mergeRows([row('a'), row('b')], [row('b', 'closed'), row('a')])
  expect(rows).toEqual([row('a'), row('b', 'closed')])
  expect(added).toBe(0)
})
it('keeps a row that left the view, marked, and only counts what is new', () => {
  const { rows, gone, added } = mergeRows([row('a'), row('b')], [row('c'), row('b')])
  expect(rows.map((r) => r.number)).toEqual(['a', 'b'])
  expect([...gone]).toEqual(['a'])
  expect(added).toBe(1)
})
