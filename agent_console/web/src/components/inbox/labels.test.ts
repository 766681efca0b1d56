import { expect, test } from 'vitest'
import type { ChatMessage, ConversationRow } from '@/api/types'
import { delivery, rowTag, speaker, spoken } from './labels'

const row = (given: Partial<ConversationRow>) => ({ tab: 'reply', seat: '1027', skill: 'general', close_code: '', ...given }) as ConversationRow

test('a row says whose turn it is, or how it ended', () => {
  const words = [row({}), row({ tab: 'citizen' }), row({ tab: 'queue', seat: '', skill: 'business' }), row({ tab: 'closed', close_code: 'filed' })].map((r) => rowTag(r, '1027').t)
  expect(words).toEqual(['待我回', '等市民', '排队·涉企专席', '已生成工单'])
})

test('a conversation of another seat names that seat', () => {
  expect(rowTag(row({ seat: '1031' }), '1027').t).toBe('1031 号座席')
})

test('whoever is neither citizen nor machine is a seat', () => {
  expect(['citizen', 'machine', '1027'].map((author) => speaker({ author }))).toEqual(['citizen', 'machine', 'seat'])
})

test('a tick has a word, a sign and a colour; what failed is red', () => {
  expect(delivery('delivered')).toMatchObject({ t: '已送达', icon: 'checks', c: 'ok' })
  expect(delivery('failed')).toMatchObject({ c: 'crit' })
  expect(delivery('')).toBeNull()
})

test('a message is read out with what is in it', () => {
  const said = { text: '就是这辆', files: [{ kind: 'image' }, { kind: 'voice' }], lat: 28.5, place: '学府街' } as unknown as ChatMessage
  expect(spoken(said)).toBe('就是这辆，图片、语音，位置 学府街')
})
