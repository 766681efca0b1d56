import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DraftBox } from './drafts'

interface Body {
  text: string
}
let box: DraftBox<Body>
let clock = 0

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  clock = 1000
  box = new DraftBox<Body>('u1', localStorage, () => clock)
})
afterEach(() => vi.useRealTimers())

test('a change is on this machine 300 ms later, without waiting for typing to stop', () => {
  box.save('call-1', { text: '路面' })
  vi.advanceTimersByTime(200)
  box.save('call-1', { text: '路面塌' })
  vi.advanceTimersByTime(100)
  expect(localStorage.getItem('hotline.draft.u1.call-1')).toContain('路面塌')
})

test('a new page finds the words', () => {
  box.save('call-1', { text: '路面塌' })
  box.flushAll()
  expect(new DraftBox<Body>('u1').load('call-1')?.body.text).toBe('路面塌')
})

test('another person on the same machine does not see them', () => {
  box.save('call-1', { text: '路面塌' })
  box.flushAll()
  expect(new DraftBox<Body>('u2').all()).toEqual([])
})

test('what was typed while the server saved stays unsaved', () => {
  box.save('call-1', { text: '一' })
  const sent = box.load('call-1')!.at
  clock = 2000
  box.save('call-1', { text: '一二' })
  box.markSynced('call-1', sent)
  expect(box.load('call-1')).toMatchObject({ synced: false, body: { text: '一二' } })
})

test('a filed form leaves nothing behind, not even the write that waited', () => {
  box.save('call-1', { text: '路面塌' })
  box.drop('call-1')
  vi.advanceTimersByTime(1000)
  expect(box.all()).toEqual([])
})

test('a spoilt entry is not taken for a draft', () => {
  localStorage.setItem('hotline.draft.u1.bad', '{')
  expect(box.all()).toEqual([])
})
