import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ChatMessage, ConversationOut, ConversationRow } from '@/api/types'
import { inbox, keepReply, loadInbox, neighbour, openConversation, refreshOpen, replyDraft, resend, rows, send } from './inbox'
import { session } from './session'

const row = (id: string, tab = 'reply') => ({ id, tab, who: '周先生', seat: '1027', waiting_since: null, due_at: null }) as ConversationRow
const talk = (id: string, messages: ChatMessage[] = []) => ({ row: row(id), messages, can_write: false }) as unknown as ConversationOut
const bubble = (id: string, text: string) => ({ id, text, author: '1027', at: new Date().toISOString(), files: [] }) as unknown as ChatMessage

type Answer = (body: unknown) => unknown
let answers: Record<string, Answer>
let posted: unknown[]

beforeEach(() => {
  answers = { 'GET /api/inbox': () => ({ load: 1, capacity: 6, counts: { reply: 2 }, rows: [row('a'), row('b'), row('q', 'queue')] }) }
  posted = []
  session.value = { user: { id: 'u1', staff_no: '1027', roles: [] } } as unknown as typeof session.value
  vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
    const body = init.body ? JSON.parse(String(init.body)) : undefined
    if (init.method === 'POST' && address.endsWith('/messages')) posted.push(body)
    const answer = answers[`${init.method} ${address}`]
    const value = await (answer ? answer(body) : undefined)
    return new Response(value === undefined ? null : JSON.stringify(value), { status: value === undefined ? 204 : 200 })
  })
})
afterEach(() => {
  Object.assign(inbox, { openId: '', shown: null, unsent: {} })
  vi.unstubAllGlobals()
})

test('rows are those of the open tab, in the order of the service', async () => {
  await loadInbox()
  expect(rows.value.map((r) => r.id)).toEqual(['a', 'b'])
  inbox.tab = 'queue'
  expect(rows.value.map((r) => r.id)).toEqual(['q'])
  inbox.tab = 'reply'
})

test('Alt+↓ goes down and stops at the end; with none open it begins at the top', () => {
  const all = [row('a'), row('b')]
  expect([neighbour(all, '', 1), neighbour(all, 'a', 1), neighbour(all, 'b', 1), neighbour(all, 'b', -1), neighbour([], 'a', 1)]).toEqual(['a', 'b', '', 'a', ''])
})

test('an answer that comes after the seat went on is thrown away', async () => {
  let late = (_: unknown) => {}
  answers['GET /api/inbox/a'] = () => new Promise((done) => (late = done))
  answers['GET /api/inbox/b'] = () => talk('b')
  const first = openConversation('a')
  await openConversation('b')
  late(talk('a'))
  await first
  expect(inbox.shown?.row.id).toBe('b')
})

test('a message is shown at once and becomes the one of the service', async () => {
  answers['GET /api/inbox/a'] = () => talk('a', [bubble('m1', '好的')])
  answers['POST /api/inbox/a/messages'] = () => bubble('m1', '好的')
  await openConversation('a')
  const sent = send('a', { text: '好的' })
  expect(inbox.unsent['a']).toHaveLength(1)
  await sent
  expect(inbox.unsent['a']).toHaveLength(0)
  expect(inbox.shown?.messages.map((m) => m.id)).toEqual(['m1'])
})

test('messages of one conversation go out one after the other', async () => {
  const order: string[] = []
  let first = () => {}
  answers['POST /api/inbox/a/messages'] = async (body) => {
    const { text } = body as { text: string }
    order.push(`${text} asked`)
    if (text === '一') await new Promise<void>((done) => (first = done))
    order.push(`${text} done`)
    return bubble(text, text)
  }
  const both = [send('a', { text: '一' }), send('a', { text: '二' })]
  await vi.waitFor(() => expect(order).toEqual(['一 asked']))
  first()
  await Promise.all(both)
  expect(order).toEqual(['一 asked', '一 done', '二 asked', '二 done'])
})

test('what the service refused stays with its reason until it is sent again', async () => {
  answers['POST /api/inbox/a/messages'] = () => Promise.reject(new TypeError('down'))
  await send('a', { text: '好的' })
  const line = inbox.unsent['a']![0]!
  expect(line.failed).toContain('连不上')
  answers['POST /api/inbox/a/messages'] = () => bubble('m1', '好的')
  await resend('a', line)
  expect(inbox.unsent['a']).toHaveLength(0)
})

test('a message whose answer was lost is not offered again once the conversation shows it', async () => {
  const seen = [bubble('m0', '好的')]
  answers['GET /api/inbox/a'] = () => talk('a', seen)
  answers['POST /api/inbox/a/messages'] = () => Promise.reject(new TypeError('cut'))
  await openConversation('a')
  await send('a', { text: '好的' })
  await refreshOpen()
  expect(inbox.unsent['a']).toHaveLength(1) // 先前的同一句不算
  answers['GET /api/inbox/a'] = () => talk('a', [...seen, bubble('m1', '好的')])
  await refreshOpen()
  expect(inbox.unsent['a']).toHaveLength(0)
  expect(posted).toHaveLength(1)
})

test('half a reply is kept for each conversation, and gone once it is sent', () => {
  keepReply('a', '已收到')
  keepReply('b', '请发')
  expect([replyDraft('a'), replyDraft('b'), replyDraft('c')]).toEqual(['已收到', '请发', ''])
  keepReply('a', '')
  expect(replyDraft('a')).toBe('')
})
