import { expect, test } from 'vitest'
import { health, sourceText, templateText } from './labels'

const NOW = Date.parse('2026-11-20T10:00:00Z')
const account = { name: 'a', medium: 'sms', trouble: '', paused_until: null, backlog: 0 }

test('an account that rests says why and until when, even if it is in trouble', () => {
  expect(health({ ...account, trouble: 'throttled', paused_until: '2026-11-20T10:01:00Z' }, NOW)).toMatchObject({ t: '暂停', c: 'warn', detail: expect.stringContaining('对方限速') })
})

test('a rest that is over is no rest', () => {
  expect(health({ ...account, paused_until: '2026-11-20T09:59:00Z' }, NOW).t).toBe('正常')
})

test('trouble is told in words, and as it is where we have none', () => {
  expect(health({ ...account, trouble: 'not_connected' }, NOW)).toMatchObject({ t: '故障', detail: '没有连上' })
  expect(health({ ...account, trouble: 'cmpp_9' }, NOW).detail).toBe('cmpp_9')
  expect(health({ ...account, trouble: 'login refused with status 3 (auth)' }, NOW).detail).toBe('登录被拒绝（状态 3）')
  expect(health({ ...account, trouble: 'bind refused with status 0xe' }, NOW).detail).toBe('登录被拒绝（状态 0xe）')
})

test('unknown codes are shown, not lost', () => {
  expect([sourceText('seat'), sourceText('x'), templateText(''), templateText('new_one')]).toEqual(['工作人员登记', 'x', '座席回复', 'new_one'])
})
