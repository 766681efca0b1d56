import { describe, expect, it } from 'vitest'
import { arrange, bodyOf, emptyDraft, fieldsOf, mayBulk, missing } from './actionForm'

describe('what an action asks', () => {
  it('asks what the interface needs, then an opinion that may stay empty', () => {
    expect(fieldsOf('dept_return', ['reason'])).toEqual([
      { key: 'reason', text: '理由', required: true },
      { key: 'opinion', text: '意见', required: false },
    ])
  })
  it('offers other departments where the main one is chosen', () => {
    expect(fieldsOf('dispatch', ['department', 'opinion']).map((f) => f.key)).toEqual(['department_id', 'opinion', 'co_department_ids'])
  })
  it('speaks the words of the step', () => {
    expect(fieldsOf('supervise', ['opinion', 'until']).map((f) => f.text)).toEqual(['督办意见', '答复日期'])
  })
  it('passes over a need it does not know', () => {
    expect(fieldsOf('close', ['photo_of_the_moon']).map((f) => f.key)).toEqual(['opinion'])
  })
  it('takes a question mark as optional', () => {
    expect(fieldsOf('close', ['result?'])[0]).toMatchObject({ key: 'result', required: false })
  })
})

describe('what is sent', () => {
  const fields = fieldsOf('follow_up', ['solved', 'opinion'])
  it('names what is missing; "not solved" is an answer', () => {
    expect(missing(fields, { ...emptyDraft(), opinion: ' ' }).map((f) => f.text)).toEqual(['是否解决', '回访记录'])
    expect(missing(fields, { ...emptyDraft(), opinion: '仍积水', solved: false })).toEqual([])
  })
  it('sends only what was asked, with the version', () => {
    const draft = { ...emptyDraft(), opinion: '好', solved: true, reason: '别的框里的字' }
    expect(bodyOf(fields, draft, 7)).toEqual({ version: 7, opinion: '好', solved: true })
  })
  it('ends a day at six in the evening, local time', () => {
    const body = bodyOf(fieldsOf('suspend', ['until']), { ...emptyDraft(), until: '2026-12-05' }, 1)
    expect(body.until).toBe(new Date(2026, 11, 5, 18).toISOString())
  })
})

it('puts the next step first and rare ones behind "more"', () => {
  const { shown, more } = arrange(['force_close', 'supervise', 'urge', 'close', 'rework'].map((action) => ({ action })))
  expect(shown.map((a) => a.action)).toEqual(['close', 'urge', 'rework'])
  expect(more.map((a) => a.action)).toEqual(['supervise', 'force_close'])
})

it('lets a seat urge but not supervise in bulk', () => {
  expect(mayBulk('urge', ['agent'])).toBe(true)
  expect(mayBulk('supervise', ['agent'])).toBe(false)
  expect(mayBulk('supervise', ['supervisor'])).toBe(true)
})
