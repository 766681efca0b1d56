import { expect, test } from 'vitest'
import { dayOf, waitOf, windowText } from './clock'

const NOW = Date.parse('2026-11-20T10:00:00Z')
const iso = (seconds: number) => new Date(NOW + seconds * 1000).toISOString()
const message = (waited: number) => ({ waiting_since: iso(-waited), due_at: iso(180 - waited) })

test('the clock of a message runs three minutes and changes its shape before and after the limit', () => {
  expect(waitOf(message(60), NOW)).toMatchObject({ level: 'calm', icon: 'clock', text: '2:00', word: '' })
  expect(waitOf(message(121), NOW)).toMatchObject({ level: 'soon', icon: 'warn', text: '0:59', word: '快超时' })
  expect(waitOf(message(194), NOW)).toMatchObject({ level: 'late', icon: 'octagon', text: '超 0:14', word: '已超时', share: 1 })
})

test('the last second is not yet too late', () => {
  expect(waitOf(message(180), NOW)).toMatchObject({ level: 'soon', text: '0:00' })
  expect(waitOf(message(181), NOW)).toMatchObject({ level: 'late', text: '超 0:01' })
})

test('a mail has a day, written in hours', () => {
  expect(waitOf({ waiting_since: iso(-2040), due_at: iso(86_400 - 2040) }, NOW)).toMatchObject({ level: 'calm', text: '23 时 26 分' })
})

test('whoever does not wait has no clock', () => {
  expect(waitOf({ waiting_since: null, due_at: null }, NOW)).toBeNull()
})

test('a clock that is ahead of ours never makes the bar run backwards', () => {
  expect(waitOf(message(-30), NOW)?.share).toBe(0)
})

test('the window of a platform is told in the unit that matters', () => {
  expect(windowText(iso(31 * 3600 + 60), NOW)).toBe('窗口余 31 小时')
  expect(windowText(iso(40 * 60), NOW)).toBe('窗口余 40 分钟')
  expect(windowText(iso(45), NOW)).toBe('窗口余 45 秒')
  expect(windowText(iso(-1), NOW)).toBe('窗口已关')
  expect(windowText(null, NOW)).toBe('')
})

test('days are written only where they help', () => {
  expect(dayOf(iso(0), NOW)).toBe('今天')
  expect(dayOf(iso(-86_400), NOW)).toBe('昨天')
  expect(dayOf('2026-11-02T04:00:00Z', NOW)).toBe('11 月 2 日')
  expect(dayOf('2025-11-02T04:00:00Z', NOW)).toBe('2025 年 11 月 2 日')
})
