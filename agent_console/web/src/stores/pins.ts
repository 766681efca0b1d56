// 发定位：给市民的链接发到哪一步了，发来的位置和照片。一次只跟一张表单。
import { computed, reactive } from 'vue'
import { ApiProblem, get, post, sentence } from '@/api/client'
import type { PinOut } from '@/api/types'
import { live } from '@/live'
import { gridAt } from '@/lib/grid'
import type { FormPlace, ReportForm } from '@/lib/reportForm'
import { say } from './ui'

export const pins = reactive({ callId: '', conversationId: '', all: [] as PinOut[], busy: false })

/** 最后发的一条；位置和照片看所有的。 */
export const lastLink = computed(() => pins.all.at(-1) ?? null)
export const placed = computed(() => pins.all.findLast((pin) => pin.lat !== null && pin.lon !== null) ?? null)
export const photos = computed(() => pins.all.flatMap((pin) => pin.photos))

const which = () => ({ call_id: pins.callId, conversation_id: pins.conversationId })

async function refresh(): Promise<void> {
  const { call_id, conversation_id } = which()
  if (!call_id && !conversation_id) return
  const found = await get<PinOut[]>('/positions', { call_id, conversation_id }).catch(() => null)
  if (found && pins.callId === call_id && pins.conversationId === conversation_id) pins.all = found
}

/** 换了表单，就跟新的那通电话或那段会话。 */
export function follow(form: ReportForm): void {
  const [callId, conversationId] = form.conversationId ? ['', form.conversationId] : [form.callId, '']
  if (pins.callId === callId && pins.conversationId === conversationId) return
  Object.assign(pins, { callId, conversationId, all: [] })
  void refresh()
}

const MOBILE = /^1[3-9]\d{9}$/
/** 发链接；表单上另留了手机号就发到那里。已有一条在有效期内时返回 true：要座席再确认。 */
export async function sendLink(form: ReportForm, again: boolean): Promise<boolean> {
  if (pins.busy) return false
  pins.busy = true
  try {
    pins.all = await post<PinOut[]>('/positions', { ...which(), number: MOBILE.test(form.phone) ? form.phone : '', again })
    say('ok', form.conversationId ? '定位链接已发到会话里。' : '定位短信已发出，请市民点开链接。')
    return false
  } catch (error) {
    if (error instanceof ApiProblem && error.code === 'already_sent') return true
    say('warn', sentence(error))
    return false
  } finally {
    pins.busy = false
  }
}

/** 市民的位置填进表单：已写的地点不改，只换坐标。 */
export async function withPin(place: FormPlace, pin: PinOut): Promise<FormPlace> {
  const { lat, lon } = pin
  if (lat === null || lon === null) return place
  const grid = pin.area || (await gridAt(lat, lon))
  return { label: place.label || (grid ? `${grid}内` : `市民定位 ${lat.toFixed(5)}, ${lon.toFixed(5)}`), lat, lon, radius_m: pin.accuracy_m, grid }
}

const mine = (told: { call_id: string; conversation_id: string }) => told.call_id === pins.callId && told.conversation_id === pins.conversationId && void refresh()
live.on('position.opened', mine)
live.on('position.photo', mine)
live.on('position.over', mine)
live.on('position.arrived', (told) => {
  mine(told)
  if (told.call_id === pins.callId && told.conversation_id === pins.conversationId) say('ok', '市民的位置到了，按 Alt+P 填入表单。')
})
live.on('reset', () => void refresh())
