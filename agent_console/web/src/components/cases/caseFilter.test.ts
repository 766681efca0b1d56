import { describe, expect, it } from 'vitest'
import { conditionsUsed, emptyFilter, fromQuery, homeView, toParams, toQuery } from './caseFilter'

describe('the filter in the address', () => {
  it('survives the way to the address and back', () => {
    const filter = { ...emptyFilter('overdue'), q: '文昌路 &?', district: '云溪区', urgency: 'urgent', sort: 'due', page: 3 }
    expect(fromQuery(toQuery(filter))).toEqual(filter)
  })
  it('names the view always and nothing else that is as usual', () => {
    expect(toQuery(emptyFilter('mine'))).toEqual({ view: 'mine' })
  })
  it('falls back to what is usual when an address holds nonsense', () => {
    const filter = fromQuery({ view: 'gone', sort: 'x', period: '9d', page: '-2', q: ['a', 'b'] }, 'mine')
    expect(filter).toEqual({ ...emptyFilter('mine'), q: 'a' })
  })
})

describe('what the interface is asked', () => {
  const now = new Date(2026, 10, 20, 15, 30)
  it('starts a period at local midnight, today counted', () => {
    expect(toParams({ ...emptyFilter(), period: '7d' }, now).since).toBe(new Date(2026, 10, 14).toISOString())
    expect(toParams({ ...emptyFilter(), period: 'today' }, now).since).toBe(new Date(2026, 10, 20).toISOString())
    expect(toParams(emptyFilter(), now)).not.toHaveProperty('since')
  })
  it('asks for fourteen rows and leaves out what is not set', () => {
    expect(toParams({ ...emptyFilter('mine'), q: '  ' }, now)).toEqual({ view: 'mine', sort: '-updated', page: '1', size: '14' })
  })
})

it('counts conditions, not the view and the order', () => {
  expect(conditionsUsed({ ...emptyFilter('mine'), sort: 'due', page: 2 })).toBe(0)
  expect(conditionsUsed({ ...emptyFilter('mine'), q: '井盖', channel: 'sms' })).toBe(2)
})

it('opens on the view of the reader\'s post', () => {
  expect(homeView(['dispatcher', 'agent'])).toBe('to_dispatch')
  expect(homeView(['supervisor'])).toBe('all')
})
