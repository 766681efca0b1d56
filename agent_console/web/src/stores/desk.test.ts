import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import { formFor } from '@/components/inbox/feed'
import type { ConversationOut } from '@/api/types'
import { closeForm, desk, file, filedHere, openAnother, openForConversation } from './desk'
import { session } from './session'

const seed = (id: string, facts = '渣土车没盖，土撒了一路') =>
  formFor({ row: { id, channel: 'wechat', who: '周先生' }, contact_id: 'k', number: '', pending: null, facts, place: '', lat: null, lon: null } as unknown as ConversationOut, id, 0)
const settled = async () => {
  await nextTick()
  await new Promise((done) => setTimeout(done))
}
let drafts: unknown[]

beforeEach(() => {
  drafts = []
  localStorage.clear()
  session.value = { user: { id: 'u1', staff_no: '1027', roles: [] } } as unknown as typeof session.value
  vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
    const filed = { report_id: 'r', number: '20261120-0148', case_number: '', message_preview: '' }
    const body = address === '/api/drafts' ? drafts : init.method === 'POST' ? filed : undefined
    return new Response(body && JSON.stringify(body), { status: body ? 200 : 204 })
  })
})
afterEach(async () => {
  await closeForm()
  vi.unstubAllGlobals()
})

test('each conversation keeps its own form while the seat goes from one to the other', async () => {
  await openForConversation(seed('a'))
  desk.form!.content = '我改过的'
  await settled()
  await openForConversation(seed('b'))
  expect(desk.form?.conversationId).toBe('b')
  await openForConversation(seed('a'))
  expect(desk.form?.content).toBe('我改过的')
})

test('the one asked for last is shown, however fast the keys are pressed', async () => {
  await Promise.all([openForConversation(seed('a')), openForConversation(seed('b')), openForConversation(seed('c'))])
  expect(desk.form?.conversationId).toBe('c')
})

test('a form begun at another computer comes back', async () => {
  drafts = [{ key: 'c1', body: { ...seed('c1'), content: '在另一台电脑上写的' } }]
  await openForConversation(seed('c1'))
  expect(desk.form?.content).toBe('在另一台电脑上写的')
})

test('what was filed is shown again when the seat returns, until another is begun', async () => {
  await openForConversation(seed('f'))
  await file({ decision: 'answer', answer: '已答复' })
  expect(filedHere('f')?.number).toBe('20261120-0148')
  await openForConversation(seed('g'))
  expect(desk.filed).toBeNull()
  await openForConversation(seed('f'))
  expect(desk.filed?.number).toBe('20261120-0148')
  await openAnother(seed('f'))
  expect([desk.filed, desk.form?.content, desk.form?.conversationId, filedHere('f')]).toEqual([null, '', 'f', undefined])
})
