// 桌上的那张工单：属于哪通电话、草稿存到哪里、提交到哪一步。
import { computed, reactive, watch } from 'vue'
import { ApiProblem, del, get, post, put, sentence } from '@/api/client'
import type { ConditionOut, Draft, ReportFiled } from '@/api/types'
import { DraftBox } from '@/lib/drafts'
import { Joining } from '@/lib/joining'
import { emptyForm, newKey, toReport, touched, type Decision, type ReportForm } from '@/lib/reportForm'
import { live } from '@/live'
import { phone, pop } from './seat'
import { me } from './session'
import { say } from './ui'

const SYNC_MS = 10_000

export interface Filed extends ReportFiled {
  decision: Decision['decision']
}

export const desk = reactive({
  form: null as ReportForm | null,
  filed: null as Filed | null,
  conditions: [] as ConditionOut[],
  suggestedTitle: '',
  savedAt: 0,
  synced: true,
  submitting: false,
  waiting: null as Decision | null, // 断网时按了提交，恢复后自动送出
  tried: false, // 按过提交：从这时起才标红
})

let box: DraftBox<ReportForm> | null = null
const drafts = () => (box ??= new DraftBox<ReportForm>(me.value?.id ?? ''))
watch(() => me.value?.id, () => ((box = null), answered.clear()))

/** 市民还没有填完、也没有提交的表单。 */
export const unfinished = computed(() => Boolean(desk.form && !desk.filed && touched(desk.form)))

export const draftState = computed(() => {
  if (!desk.savedAt || !desk.form || desk.filed) return ''
  const at = new Date(desk.savedAt).toLocaleTimeString('zh-CN', { hour12: false })
  return desk.synced || live.state.connected ? `草稿 ${at} 已存，断网不丢` : `草稿 ${at} 已存本机，恢复后补传`
})

function show(form: ReportForm | null): void {
  Object.assign(desk, { form, filed: null, conditions: [], suggestedTitle: '', savedAt: 0, synced: true, waiting: null, tried: false })
}

/** 放下手上的表单：有内容的成为待补录草稿。 */
export async function park(): Promise<void> {
  const left = joining.state.target
  await joining.now() // 并入还在等撤销：离开就是不撤了
  if (left && desk.filed) say('ok', `已并入 ${left.case_number} 并催办。`)
  const form = desk.form
  if (!form) return
  drafts().flush(form.key)
  const keep = unfinished.value
  show(null)
  if (keep) void syncOne(form.key).catch(() => {}) // 送不上去的，定时再送
}

async function stored(key: string): Promise<ReportForm | null> {
  const local = drafts().load(key)
  if (local && !local.synced) return local.body
  const remote = await get<Draft[]>('/drafts').catch(() => [])
  return (remote.find((draft) => draft.key === key)?.body as unknown as ReportForm | undefined) ?? local?.body ?? null
}

/** 打开这通电话的表单；同一通电话不重开。 */
export async function openForCall(): Promise<void> {
  const call = pop.value
  const key = call?.call_id || phone.state.call?.callId
  if (!key || desk.form?.callId === key) return
  await park()
  const fresh = emptyForm(key, Date.now(), call ?? undefined)
  show({ ...fresh, callId: key })
  const saved = drafts().load(key)?.body ?? (await stored(key))
  if (saved && desk.form?.key === key && !touched(desk.form)) desk.form = { ...fresh, ...saved, callId: key }
}

export async function openDraft(key: string): Promise<void> {
  await park()
  const saved = await stored(key)
  if (!saved) return say('warn', '这份草稿已经不在了，可能在别处提交过。')
  show({ ...emptyForm(key, Date.now()), ...saved })
}

/** 新的空表；通话中再开一张，仍算这通电话的。 */
export async function openNew(given: Partial<ReportForm> = {}): Promise<void> {
  const call = phone.state.call ? (pop.value ?? undefined) : undefined
  await park()
  show({ ...emptyForm(newKey(), Date.now(), call), ...given })
}

/** 一段会话里已经提交过的：换走再回来，看到的还是结果。 */
const answered = reactive(new Map<string, { form: ReportForm; filed: Filed }>())
let wanted = ''

/** 会话的那张表；`seed` 是由会话填好的新表。换得快时只有最后要的那张算数。 */
export async function openForConversation(seed: ReportForm): Promise<void> {
  const id = (wanted = seed.conversationId)
  if (desk.form?.conversationId === id) return
  await park()
  if (wanted !== id) return
  const before = answered.get(id)
  if (before) return void (show(before.form), (desk.filed = before.filed))
  const mine = (draft: Pick<Draft, 'body'>) => draft.body['conversationId'] === id
  const local = drafts().all().find((draft) => draft.body.conversationId === id)
  show({ ...seed, ...local?.body })
  if (local) return
  const remote = (await get<Draft[]>('/drafts').catch(() => [])).find(mine)
  if (remote && desk.form?.key === seed.key && !touched(desk.form)) desk.form = { ...seed, ...(remote.body as unknown as ReportForm) }
}

/** 同一段会话里再登记一件。 */
export async function openAnother(seed: ReportForm): Promise<void> {
  answered.delete(seed.conversationId)
  await openNew({ ...seed, key: newKey(), clientKey: newKey(), content: '', place: { label: '', lat: null, lon: null, radius_m: null, grid: '' }, pendingNumber: '' })
}

export const filedHere = (conversation: string): Filed | undefined => answered.get(conversation)?.filed

export const closeForm = () => park()

async function syncOne(key: string): Promise<void> {
  const found = drafts().load(key)
  if (!found || found.synced) return
  await put(`/drafts/${encodeURIComponent(key)}`, { key, body: found.body })
  drafts().markSynced(key, found.at)
  if (desk.form?.key === key) desk.synced = drafts().load(key)?.synced ?? true
}

/** 把本机有、服务器还没有的草稿都送上去；断网时静静等下一次。 */
export async function syncDrafts(): Promise<void> {
  for (const draft of drafts().all()) {
    if (!draft.synced && touched(draft.body)) await syncOne(draft.key).catch(() => {})
  }
}

export async function saveNow(): Promise<void> {
  if (!desk.form) return
  drafts().save(desk.form.key, desk.form)
  drafts().flush(desk.form.key)
  try {
    await syncOne(desk.form.key)
    say('ok', '草稿已存到服务器。')
  } catch (error) {
    say('warn', error instanceof ApiProblem && error.offline ? '连不上服务器，草稿已存在这台电脑上，恢复后自动补传。' : sentence(error))
  }
}

export async function file(decision: Decision): Promise<boolean> {
  const form = desk.form
  if (!form || desk.submitting) return false
  desk.submitting = true
  try {
    const filed = await post<ReportFiled>('/reports', toReport(form, decision, desk.suggestedTitle))
    await filedAs(form, decision, filed)
    return true
  } catch (error) {
    const offline = error instanceof ApiProblem && error.offline
    desk.waiting = offline ? decision : null
    if (!offline) say('crit', sentence(error))
    return false
  } finally {
    desk.submitting = false
  }
}

export const joining = new Joining((number) => file({ decision: 'join', join_case: number }))

async function filedAs(form: ReportForm, decision: Decision, filed: ReportFiled): Promise<void> {
  drafts().drop(form.key)
  const result = { ...filed, decision: decision.decision }
  if (form.conversationId) answered.set(form.conversationId, { form, filed: result })
  if (desk.form?.key === form.key) {
    desk.filed = result
    desk.waiting = null
  }
  await del(`/drafts/${encodeURIComponent(form.key)}`).catch(() => {})
}

async function loadConditions(code: string): Promise<void> {
  if (!code) return void (desk.conditions = [])
  try {
    const found = await get<ConditionOut[]>(`/categories/${encodeURIComponent(code)}/conditions`)
    if (desk.form?.category !== code) return
    desk.conditions = found
    if (found.length === 1) desk.form.conditionNo = found[0]!.no // 只有一条就没有什么可选
  } catch (error) {
    say('warn', sentence(error))
  }
}

watch(() => [desk.form?.key, desk.form?.category] as const, ([, code]) => void loadConditions(code ?? ''))
watch(
  () => desk.form,
  (form, before) => {
    if (!form || desk.filed || form !== before || !touched(form)) return
    drafts().save(form.key, form)
    desk.savedAt = Date.now()
    desk.synced = false
  },
  { deep: true },
)
watch(
  () => live.state.connected,
  (on) => {
    if (!on || !me.value) return
    void syncDrafts()
    if (desk.waiting) void file(desk.waiting)
  },
)
if (typeof window !== 'undefined') {
  setInterval(() => me.value && void syncDrafts(), SYNC_MS)
  window.addEventListener('pagehide', () => drafts().flushAll())
}
