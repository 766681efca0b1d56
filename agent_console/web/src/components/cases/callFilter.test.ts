import { expect, it } from 'vitest'
import { callParams, callsFromQuery, callsToQuery } from './callFilter'

it('takes the figure of the wallboard from the address, and every call when it knows it not', () => {
  expect(callsFromQuery({ figure: 'within_15s' }).figure).toBe('within_15s')
  expect(callsFromQuery({ figure: 'nonsense', period: '9y', page: 'x' })).toEqual({ figure: 'offered', queue: '', seat: '', period: 'today', page: 1 })
})
it('survives the way to the address and back', () => {
  const filter = { figure: 'abandoned', queue: 'dialect', seat: '1027', period: '7d', page: 2 }
  expect(callsFromQuery(callsToQuery(filter))).toEqual(filter)
})
it('asks figures and list about the same calls', () => {
  const now = new Date(2026, 10, 20, 9)
  const filter = callsFromQuery({ figure: 'acw', seat: '1027' })
  const { figure, page, size, ...common } = callParams(filter, now, 14)
  expect([figure, page, size]).toEqual(['acw', '1', '14'])
  expect(callParams(filter, now)).toEqual(common)
})
