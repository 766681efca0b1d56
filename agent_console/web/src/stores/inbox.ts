// 收件箱：会话列表、正开着的一段、写了一半的回复。所有页面共用，导航上的数字也从这里来。
import { computed, reactive, watch } from 'vue'
import { ApiProblem, get, post, put, sentence } from '@/api/client'
import type { CannedOut, ChatMessage, CloseIn, ConversationOut, ConversationRow, FileOut, InboxOut, MessageIn, TransferIn } from '@/api/types'
import type { InboxTab } from '@/api/words'
import { waitOf } from '@/components/inbox/clock'
import { newKey } from '@/lib/reportForm'
import { DraftBox } from '@/lib/drafts'
import { now } from '@/lib/now'
import { chime } from '@/lib/ringer'
import { live } from '@/live'
import { hasRole, me } from './session'
import { say } from './ui'

const GATHER_MS = 1000 // 头一个变化马上取，接着的一阵一秒只取一次：全市的消息都会说到这里
const VIEWING_MS = 10_000

/** 还没有得到服务器确认的一条：发送中，或没发出去。 */
export interface Unsent {
  key: number
  at: string
  message: MessageIn
  picture: string
  failed: string // 空 = 发送中
  seen: string[] // 发的时候会话里已有的，核对时不算
}

export const inbox = reactive({
  list: null as InboxOut | null,
  failed: '',
  tab: 'reply' as InboxTab,
  openId: '',
  shown: null as ConversationOut | null,
  shownFailed: '',
  canned: [] as CannedOut[],
  unsent: {} as Record<string, Unsent[]>,
  busy: '',
})

const path = (id: string, rest = '') => `/inbox/${encodeURIComponent(id)}${rest}`
export const mine = () => hasRole('agent', 'team_leader')

// —— 列表 ——
export const rows = computed<ConversationRow[]>(() => inbox.list?.rows.filter((row) => row.tab === inbox.tab) ?? [])
export const counts = computed(() => inbox.list?.counts ?? {})
export const overdue = computed(() => inbox.list?.rows.filter((row) => row.tab === 'reply' && waitOf(row, now.value)?.level === 'late').length ?? 0)
/** 导航上的数字：在等我回的会话；有超时的变红。 */
export const badge = computed(() => ({ n: counts.value['reply'] ?? 0, late: overdue.value > 0 }))

let loading: Promise<void> | undefined
let again = false

/** 一次只取一份；取的时候又有变化，取完再取一次。 */
export function loadInbox(): Promise<void> {
  again = Boolean(loading)
  loading ??= get<InboxOut>('/inbox')
    .then((list) => void Object.assign(inbox, { list, failed: '' }))
    .catch((error) => void (inbox.failed = sentence(error)))
    .finally(() => {
      loading = undefined
      if (again) void loadInbox()
    })
  return loading
}

/** 当前页签里上一段、下一段；到头停住。 */
export function neighbour(all: readonly Pick<ConversationRow, 'id'>[], id: string, by: 1 | -1): string {
  const at = all.findIndex((row) => row.id === id)
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by
  return all[next]?.id ?? ''
}

// —— 正开着的一段 ——
let asked = 0

export async function openConversation(id: string): Promise<void> {
  if (inbox.openId !== id) Object.assign(inbox, { openId: id, shown: null, shownFailed: '', canned: [] })
  if (id) await refreshOpen()
}

/** 只留最后一次问到的；回答期间换走了，旧的作废。 */
export async function refreshOpen(): Promise<void> {
  const id = inbox.openId
  const mineIs = ++asked
  try {
    const found = await get<ConversationOut>(path(id))
    if (mineIs !== asked || inbox.openId !== id) return
    settle(id, found.messages)
    Object.assign(inbox, { shown: found, shownFailed: '' })
    void viewing(id)
    if (found.can_write && !inbox.canned.length) void loadCanned(id)
  } catch (error) {
    if (mineIs === asked && inbox.openId === id) inbox.shownFailed = sentence(error)
  }
}

async function loadCanned(id: string): Promise<void> {
  const found = await get<CannedOut[]>('/inbox/canned', { conversation: id }).catch(() => [])
  if (inbox.openId === id) inbox.canned = found
}

const visible = () => typeof document === 'undefined' || document.visibilityState === 'visible'

/** 告诉同事我在看；页面切到后台就不算。 */
export async function viewing(id = inbox.openId): Promise<void> {
  if (id && visible()) await post(path(id, '/viewing')).catch(() => {})
}

// —— 动作 ——
async function doing(name: string, action: () => Promise<void>): Promise<boolean> {
  if (inbox.busy) return false
  inbox.busy = name
  try {
    await action()
    return true
  } catch (error) {
    say('crit', sentence(error))
    return false
  } finally {
    inbox.busy = ''
    void loadInbox()
    if (inbox.openId) void refreshOpen()
  }
}

export const take = (id: string) => doing('take', () => post(path(id, '/take')))
export const transfer = (id: string, to: TransferIn) => doing('transfer', () => post(path(id, '/transfer'), to))
export const close = (id: string, code: CloseIn['code']) =>
  doing('close', async () => {
    await post(path(id, '/close'), { code } satisfies CloseIn)
    replies().drop(id)
  })

export const uploadPicture = (id: string, file: Blob) => put<FileOut>(path(id, '/files'), file)

let counter = 0

/** 先显示在会话里，再等服务器收下；没收下的留着，由座席决定重发还是不要。 */
export async function send(id: string, message: MessageIn, picture = ''): Promise<void> {
  const seen = inbox.shown?.row.id === id ? inbox.shown.messages.map((m) => m.id) : []
  const sending = { ...message, client_key: newKey().replaceAll('-', '') } // 重发时还是这一条，市民只收到一遍
  const line: Unsent = reactive({ key: ++counter, at: new Date().toISOString(), message: sending, picture, failed: '', seen })
  ;(inbox.unsent[id] ??= []).push(line)
  await inTurn(id, () => deliver(id, line))
}

const turns = new Map<string, Promise<void>>()
/** 同一段会话里一条一条地发，先写的先到。 */
function inTurn(id: string, action: () => Promise<void>): Promise<void> {
  const next = (turns.get(id) ?? Promise.resolve()).then(action)
  turns.set(id, next)
  return next
}

export async function resend(id: string, line: Unsent): Promise<void> {
  line.failed = ''
  await inTurn(id, () => deliver(id, line))
}

async function deliver(id: string, line: Unsent): Promise<void> {
  try {
    const sent = await post<ChatMessage>(path(id, '/messages'), line.message)
    forget(id, line)
    if (inbox.shown?.row.id === id && !inbox.shown.messages.some((m) => m.id === sent.id)) inbox.shown.messages.push(sent)
  } catch (error) {
    const offline = error instanceof ApiProblem && error.offline
    line.failed = offline ? '连不上服务器，不知道发出去没有；恢复后会自动核对' : sentence(error)
  }
  void loadInbox()
  if (inbox.openId === id) void refreshOpen()
}

export function forget(id: string, line: Unsent): void {
  inbox.unsent[id] = (inbox.unsent[id] ?? []).filter((other) => other.key !== line.key)
}

/** 断线时没等到回答、其实已经收下的：会话里多出同一句，就不再留着，免得市民收到两遍。 */
function settle(id: string, messages: readonly ChatMessage[]): void {
  const lines = inbox.unsent[id]
  if (!lines?.length) return
  const own = messages.filter((m) => m.author === me.value?.staff_no)
  inbox.unsent[id] = lines.filter((line) => !line.failed || !own.some((m) => isThat(m, line)))
}

const isThat = (m: ChatMessage, { message, seen }: Unsent): boolean =>
  !seen.includes(m.id) && (message.text ? m.text === message.text : m.files.length > 0)

// —— 写了一半的回复：每段会话一份，留在本机 ——
let box: DraftBox<string> | null = null
const replies = () => (box ??= new DraftBox<string>(`reply.${me.value?.id ?? ''}`))
export const replyDraft = (id: string): string => replies().load(id)?.body ?? ''
export function keepReply(id: string, text: string): void {
  if (text) replies().save(id, text)
  else replies().drop(id)
}

// —— 实时 ——
let timer: ReturnType<typeof setTimeout> | undefined
let fetchedAt = 0
function changed(id: string): void {
  timer ??= setTimeout(() => {
    timer = undefined
    fetchedAt = Date.now()
    if (mine()) void loadInbox()
  }, Math.max(0, fetchedAt + GATHER_MS - Date.now()))
  if (inbox.openId && (!id || id === inbox.openId)) void refreshOpen() // 没写哪一段：合并了联系人，都可能变
}

function alarm(id: string): void {
  if (!mine()) return
  const row = inbox.list?.rows.find((r) => r.id === id)
  chime()
  say('crit', `${row ? row.who : '有市民'}等人答复已超过国标时限，请马上打开“消息”${row?.tab === 'queue' ? '接手' : '回复'}。`)
  changed(id)
}

live.on('inbox.changed', ({ id }) => changed(id))
live.on('inbox.alarm', ({ id }) => alarm(id))
live.on('reset', () => changed(inbox.openId))
watch(() => live.state.connected, (on) => on && mine() && changed(inbox.openId))
watch(
  () => me.value?.id,
  () => {
    Object.assign(inbox, { list: null, openId: '', shown: null, unsent: {} })
    box = null
    if (mine()) void loadInbox()
  },
  { immediate: true },
)
if (typeof window !== 'undefined') {
  setInterval(() => void viewing(), VIEWING_MS)
  window.addEventListener('pagehide', () => box?.flushAll())
}
