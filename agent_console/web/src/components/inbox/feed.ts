// 从会话喂给工单：只填空着的、或上次喂进去后没人动过的字段；人打过的字一个也不改。
import type { ChatMessage, ConversationOut } from '@/api/types'
import { emptyForm, type FormPlace, type ReportForm } from '@/lib/reportForm'

type Given = Pick<ConversationOut, 'row' | 'contact_id' | 'number' | 'pending' | 'facts' | 'place' | 'lat' | 'lon'>

const NAMELESS = /[*@\d]/ // 掩码号码、邮箱不是姓名

const ANYBODY = ['微信用户', 'Telegram 用户', '网页访客', '邮件', '短信', '市民'] // 不知道是谁时服务器的叫法

function nameIn(c: Given): string {
  const who = c.row.who.split('·').at(-1) ?? ''
  return c.pending?.name || (NAMELESS.test(who) || ANYBODY.includes(who) ? '' : who)
}
const contentIn = (c: Given) => c.facts || c.pending?.content || ''

function placeIn(c: Given): FormPlace {
  const own = c.place || c.lat !== null || !c.pending ? c : c.pending
  if (own.lat !== null) return placeOf(own, '')
  return { label: own.place, lat: null, lon: null, radius_m: null, grid: '' }
}

/** 这段会话的一张新表。 */
export function formFor(c: Given, key: string, now: number): ReportForm {
  const form = emptyForm(key, now)
  Object.assign(form, { conversationId: c.row.id, channel: c.row.channel, contactId: c.contact_id, phoneShown: c.number || (c.pending?.phone ?? '') })
  feed(form, c)
  return form
}

/** 会话有了新内容：能放的放进去，返回放不进去、要人决定的那一段。 */
export function feed(form: ReportForm, c: Given): void {
  form.pendingNumber = c.pending?.number ?? ''
  form.phoneShown = c.number || form.phoneShown
  const content = contentIn(c)
  if (form.content === form.fed.content) form.content = form.fed.content = content
  const place = placeIn(c)
  if (place.label && form.place.label === form.fed.place) {
    if (form.place.label !== place.label) form.place = place
    form.fed.place = place.label
  }
  form.callerName ||= nameIn(c)
}

/** 市民又说的、表上还没有的：座席改过内容后，由他决定要不要追加。 */
export function unfed(form: ReportForm, c: Given): string {
  const content = contentIn(c)
  if (content === form.fed.content || form.content === form.fed.content) return ''
  const more = content.startsWith(form.fed.content) ? content.slice(form.fed.content.length) : content
  return more.replace(/^[\s，。；]+/, '')
}

export function append(form: ReportForm, c: Given): void {
  const more = unfed(form, c)
  if (more) form.content = `${form.content.trimEnd()}${/[。；！？]$/.test(form.content.trim()) || !form.content.trim() ? '' : '；'}${more}`
  form.fed.content = contentIn(c)
}

type Point = { lat: number | null; lon: number | null }
export const samePoint = (a: Point, b: Point): boolean => a.lat !== null && a.lat === b.lat && a.lon === b.lon

/** 位置气泡填进表里；平台没给叫法时先用网格名，再不行写坐标。 */
export function placeOf(m: Pick<ChatMessage, 'lat' | 'lon' | 'place'>, grid: string): FormPlace {
  const label = m.place || (grid ? `${grid}内` : `位置 ${m.lat?.toFixed(5)}, ${m.lon?.toFixed(5)}`)
  return { label, lat: m.lat, lon: m.lon, radius_m: null, grid }
}
