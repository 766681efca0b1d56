import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Joining, UNDO_S } from './joining'

const LAMP = { case_number: '20261120-0001', title: '路灯不亮' }
const HOLE = { case_number: '20261120-0002', title: '路面塌陷' }
let sent: string[]
let joining: Joining

beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  joining = new Joining(async (number) => void sent.push(number))
})
afterEach(() => vi.useRealTimers())

test('a join goes out after the seconds in which it can be undone, once', async () => {
  joining.start(LAMP)
  await vi.advanceTimersByTimeAsync((UNDO_S - 1) * 1000)
  expect([sent, joining.state.left]).toEqual([[], 1])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(sent).toEqual([LAMP.case_number])
  expect(joining.state.target).toBeNull()
})

test('an undone join never goes out', async () => {
  joining.start(LAMP)
  expect(joining.undo()).toBe(true)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(sent).toEqual([])
  expect(joining.undo()).toBe(false)
})

test('a key held down or another case meanwhile changes nothing', async () => {
  joining.start(LAMP)
  joining.start(LAMP)
  joining.start(HOLE)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(sent).toEqual([LAMP.case_number])
})

test('whoever does not want to wait sends it at once, and only once', async () => {
  joining.start(LAMP)
  await joining.now()
  await joining.now()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(sent).toEqual([LAMP.case_number])
})
