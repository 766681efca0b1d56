// 工单表单：字段、缺什么、怎样变成 ReportIn。纯函数，页面和测试共用。
import type { CallPop, ConditionOut, PlaceIn, ReportIn, SuggestReply, SuggestedIn } from '@/api/types'
import type { Appeal, Channel, Urgency } from '@/api/words'
import { parseWhen } from './whenText'

export interface FormPlace {
  label: string
  lat: number | null
  lon: number | null
  radius_m: number | null
  grid: string // 网格名称，只用来显示
}

export interface ReportForm {
  key: string // 草稿的键：通话编号，或没有通话时随机
  clientKey: string // 同一张表提交两次只立一次
  callId: string
  contactId: string
  channel: Channel
  dialled: string
  phoneShown: string // 掩码后的来电号码，只用来显示
  taskId: string
  startedAt: number
  appeal: Appeal | ''
  urgency: Urgency | ''
  content: string
  title: string // 空 = 用系统拟的
  category: string
  categoryName: string
  conditionNo: number | null
  place: FormPlace
  callerName: string
  phone: string // 空 = 同来电
  occurred: string // 空 = 现在
  confidential: boolean
  wantsFollowup: boolean
  public: boolean
  notify: boolean
  suggested: SuggestedIn // 提交那一刻表单上摆着的建议
  conversationId: string // 从哪段会话来，空 = 不是会话
  pendingNumber: string // 市民自己登记的，编号已经有了
  fed: Fed // 由会话填进来的，没人动过就不算写过
}

export interface Fed {
  content: string
  place: string
}

export const newKey = () => crypto.randomUUID()

const emptyPlace = (): FormPlace => ({ label: '', lat: null, lon: null, radius_m: null, grid: '' })

export function emptyForm(key: string, now: number, call?: CallPop): ReportForm {
  return {
    key,
    clientKey: newKey(),
    callId: call?.call_id ?? '',
    contactId: call?.caller.contact_id ?? '',
    channel: 'phone',
    dialled: call?.dialled ?? '',
    phoneShown: call?.caller.number ?? '',
    taskId: '',
    startedAt: now,
    appeal: '',
    urgency: '',
    content: '',
    title: '',
    category: '',
    categoryName: '',
    conditionNo: null,
    place: emptyPlace(),
    callerName: call?.caller.name ?? '',
    phone: '',
    occurred: '',
    confidential: false,
    wantsFollowup: true,
    public: false,
    notify: true,
    suggested: {},
    conversationId: '',
    pendingNumber: '',
    fed: { content: '', place: '' },
  }
}

/** 有没有值得留下的内容：来电人、电话、会话里的话是带出来的，不算。 */
export const touched = (f: ReportForm) => Boolean(written(f.content.trim(), f.fed?.content) || written(f.place.label, f.fed?.place) || f.appeal || f.category || f.title)

// 早先存下的草稿没有 fed
const written = (text: string, fed = '') => text !== '' && text !== fed.trim()

export interface Missing {
  field: 'appeal' | 'urgency' | 'content' | 'category' | 'condition' | 'place' | 'phone' | 'occurred'
  text: string
}

const CONTENT_MIN = 10
const PHONE = /^(1\d{10}|0\d{2,3}-?\d{7,8}|[2-8]\d{6,7})$/

type Check = [Missing['field'], (f: ReportForm, conditions: ConditionOut[]) => string]

const CHECKS: Check[] = [
  ['appeal', (f) => (f.appeal ? '' : '类型：请选一种诉求类型')],
  ['urgency', (f) => (f.urgency ? '' : '紧急程度：请选一项')],
  ['content', (f) => (f.content.trim().length >= CONTENT_MIN ? '' : `内容：至少 ${CONTENT_MIN} 个字，写清什么事`)],
  ['category', (f) => (f.category ? '' : '分类：按 Alt+1 采纳建议，或按 Alt+0 自己选')],
  ['condition', (f, conditions) => (f.category && conditions.length && f.conditionNo == null ? '立案条件：请选择一项，时限由它决定' : '')],
  ['place', (f) => (f.place.label.trim() ? '' : '地点：按 Alt+4 采纳候选，或输入地址')],
  ['phone', (f) => phoneFault(f.phone)],
  ['occurred', (f) => (parseWhen(f.occurred, new Date()) === undefined ? '时间：写成“今天 07:10”或“11-20 07:10”' : '')],
]

export function phoneFault(phone: string): string {
  if (!phone || PHONE.test(phone)) return ''
  const digits = phone.replace(/\D/g, '')
  return digits.startsWith('1') ? `电话：手机号是 11 位，您填了 ${digits.length} 位` : '电话：请填 11 位手机号或带区号的座机'
}

/** 提交工单还差的项，按表单从上到下的次序。 */
export function missing(f: ReportForm, conditions: ConditionOut[]): Missing[] {
  return CHECKS.map(([field, check]) => ({ field, text: check(f, conditions) })).filter((m) => m.text)
}

/** 直接答复、不受理不立案，只要说清是什么事。 */
export function missingForOther(f: ReportForm): Missing[] {
  return missing(f, []).filter((m) => m.field === 'appeal' || m.field === 'content' || m.field === 'phone')
}

/** 并入的事案件里都有，只有留错的电话、写错的时间要先改。 */
export const missingForJoin = (f: ReportForm): Missing[] => missing(f, []).filter((m) => m.field === 'phone' || m.field === 'occurred')

/** 类型、紧急程度还空着时采纳建议，填过的不动。 */
export function adoptKind(f: ReportForm, reply: SuggestReply): void {
  f.appeal ||= reply.appeal
  f.urgency ||= reply.urgency
}

export interface Decision {
  decision: ReportIn['decision']
  answer?: string
  reason?: string
  join_case?: string
}

const placeIn = ({ label, lat, lon, radius_m }: FormPlace): PlaceIn => ({ label, lat, lon, radius_m })

export function toReport(f: ReportForm, decision: Decision, suggestedTitle: string): ReportIn {
  const occurred = parseWhen(f.occurred, new Date())
  return {
    ...decision,
    call_id: f.callId,
    conversation_id: f.conversationId,
    completes: f.pendingNumber,
    task_id: f.taskId,
    contact_id: f.contactId,
    channel: f.channel,
    appeal: f.appeal || 'consult',
    urgency: f.urgency || 'normal',
    content: f.content.trim(),
    title: (f.title.trim() || suggestedTitle).slice(0, 50),
    category: f.category,
    condition_no: f.conditionNo,
    place: placeIn(f.place),
    caller_name: f.callerName.trim(),
    phone: f.phone,
    occurred_at: occurred ? occurred.toISOString() : null,
    confidential: f.confidential,
    wants_followup: f.wantsFollowup,
    public: f.public,
    notify: f.notify,
    suggested: f.suggested,
    client_key: f.clientKey,
  }
}

/** 采纳第 i 个分类建议；类型、紧急程度还空着时一并采纳，填过的不动。 */
export function acceptCategory(f: ReportForm, reply: SuggestReply, i: number): boolean {
  const chosen = reply.categories[i]
  if (!chosen) return false
  if (f.category !== chosen.code) f.conditionNo = null
  f.category = chosen.code
  f.categoryName = chosen.name
  adoptKind(f, reply)
  return true
}

/** 建议记录：哪一版、给了什么、多大把握；座席选了什么由服务器对照。 */
export const suggested = (reply: SuggestReply | null): SuggestedIn =>
  reply
    ? {
        version: reply.version,
        categories: reply.categories.map(({ code, confidence }) => ({ code, confidence })),
        places: reply.places.slice(0, 10).map(({ label, confidence }) => ({ label, confidence })),
      }
    : {}

export function acceptPlace(f: ReportForm, reply: SuggestReply, i: number): boolean {
  const p = reply.places[i]
  if (!p) return false
  f.place = { label: p.label, lat: p.lat, lon: p.lon, radius_m: p.radius_m, grid: p.grid_label }
  return true
}
