import { describe, expect, it } from 'vitest'
import { dueView, isWorkingTime, limitText, shortTime, spanText } from './remaining'

const NOW = Date.parse('2026-11-20T10:00:00+08:00')
const inHours = (h: number): string => new Date(NOW + h * 3_600_000).toISOString()
const open = (remaining_s: number, limit_s: number, due_at = new Date(NOW + remaining_s * 1000).toISOString()) => ({
  state: 'handling', remaining_s, limit_s, due_at, on_time: null,
})

describe('spanText', () => {
  it('says hours and minutes the way the list shows them', () => {
    expect(spanText(74 * 60)).toBe('1 时 14 分')
    expect(spanText(2 * 3600)).toBe('2 时')
    expect(spanText(22 * 60 + 59)).toBe('22 分')
  })
  it('counts eight working hours as one working day and twenty-four clock hours as one day', () => {
    expect(spanText(24 * 3600, true)).toBe('3 工作日')
    expect(spanText(10 * 3600, true)).toBe('10 工作时')
    expect(spanText(18 * 3600, true)).toBe('2 工作日')
    expect(spanText(26 * 3600)).toBe('1 天 2 时')
  })
})

describe('dueView', () => {
  it('warns from four fifths of the limit and turns critical past it', () => {
    expect(dueView(open(3600, 7200), NOW)).toMatchObject({ text: '剩 1 时', pct: 50 })
    expect(dueView(open(720, 7200), NOW).pct).toBe(90)
    expect(dueView(open(-6720, 7200), NOW)).toMatchObject({ text: '超 1 时 52 分', done: false })
    expect(dueView(open(-60, 7200), NOW).pct).toBeGreaterThanOrEqual(100)
  })
  it('never shows a running case as over its limit because of rounding', () => {
    expect(dueView(open(10, 7200), NOW).pct).toBe(99)
  })
  it('tells working time from clock time by the due date', () => {
    const working = open(24 * 3600, 40 * 3600, inHours(110))
    expect(isWorkingTime(working, NOW)).toBe(true)
    expect(dueView(working, NOW).text).toBe('剩 3 工作日')
  })
  it('stops the clock of suspended and ended cases', () => {
    expect(dueView({ ...open(3600, 7200), state: 'suspended' }, NOW)).toMatchObject({ paused: true })
    expect(dueView({ state: 'closed', on_time: true }, NOW)).toMatchObject({ text: '按期办结', done: true })
    expect(dueView({ state: 'closed', on_time: false }, NOW)).toMatchObject({ text: '超时办结', done: false, pct: 100 })
    expect(dueView({ state: 'merged', on_time: null }, NOW).text).toBe('已并入主案')
  })
  it('tells a late handling from a late closing', () => {
    expect(dueView({ state: 'pending_check', on_time: false }, NOW).text).toBe('超时处置')
    expect(dueView({ state: 'pending_close', on_time: true }, NOW)).toMatchObject({ text: '按期处置', done: true })
  })
  it('says so when no limit runs yet', () => {
    expect(dueView({ state: 'reported', remaining_s: null, on_time: null }, NOW).text).toBe('未计时')
  })
})

it('writes limits under an hour in minutes', () => {
  expect(limitText('0.25 紧急工作时')).toBe('15 分')
  expect(limitText('2 紧急工作时')).toBe('2 紧急工作时')
})

describe('times', () => {
  it('shows the clock today and the date before', () => {
    const today = new Date(2026, 10, 20, 12, 0).getTime()
    expect(shortTime(new Date(2026, 10, 20, 9, 5).toISOString(), today)).toBe('09:05')
    expect(shortTime(new Date(2026, 10, 18, 9, 5).toISOString(), today)).toBe('11-18')
    expect(shortTime(new Date(2025, 10, 18).toISOString(), today)).toBe('2025-11-18')
    expect(shortTime(null, today)).toBe('')
  })
})
