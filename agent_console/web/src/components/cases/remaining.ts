// 剩余时限怎么说：剩/超 + 时分，工作时与自然时分开。不知道从哪里取数。
import { ENDED_STATES } from '../../lib/caseLabels'

export interface DueSource {
  state: string
  due_at?: string | null
  remaining_s?: number | null
  limit_s?: number | null
  on_time?: boolean | null
}
export interface DueView {
  text: string
  pct: number
  paused: boolean
  done: boolean
}

const WORKING_DAY_S = 8 * 3600
const DAY_S = 24 * 3600

/** 一段时间的说法；`working` 为工作时（8 工作时 = 1 工作日），否则为自然时间。 */
export function spanText(seconds: number, working = false): string {
  const s = Math.max(0, Math.floor(seconds))
  const day = working ? WORKING_DAY_S : DAY_S
  const unit = working ? '工作日' : '天'
  if (s >= day) return daysAndHours(s, day, unit)
  const [h, m] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60)]
  if (h) return m ? `${h} 时 ${String(m).padStart(2, '0')} 分` : `${h} 时`
  return m ? `${m} 分` : '不足 1 分'
}

function daysAndHours(s: number, day: number, unit: string): string {
  const [d, h] = [Math.floor(s / day), Math.floor((s % day) / 3600)]
  return h && d < 10 ? `${d} ${unit} ${h} 时` : `${d} ${unit}`
}

/** 到期的钟点差远大于剩余秒数，说明时限按工作时算。 */
export function isWorkingTime(source: DueSource, now: number): boolean {
  if (!source.due_at || source.remaining_s == null) return false
  const clock = Math.abs(Date.parse(source.due_at) - now) / 1000
  return clock > Math.abs(source.remaining_s) * 1.1 + 120
}

const ENDED_TEXT: Record<string, string> = {
  merged: '已并入主案',
  not_accepted: '不计时限',
  cancelled: '不计时限',
  forced_close: '不计按期',
}

/** 列表、案件页、手机页共用的时限说法。`now` 为毫秒。 */
export function dueView(source: DueSource, now: number): DueView {
  if (ENDED_STATES.has(source.state) || source.on_time != null) return endedView(source)
  const pct = usedPercent(source)
  if (source.state === 'suspended') return { text: '挂账，暂停计时', pct, paused: true, done: false }
  if (source.remaining_s == null) return { text: '未计时', pct: 0, paused: false, done: false }
  const late = source.remaining_s < 0
  const span = spanText(Math.abs(source.remaining_s), isWorkingTime(source, now))
  return { text: `${late ? '超' : '剩'} ${span}`, pct: late ? Math.max(100, pct) : Math.min(99, pct), paused: false, done: false }
}

function endedView(source: DueSource): DueView {
  if (source.on_time === false) return { text: '超时办结', pct: 100, paused: false, done: false }
  return { text: ENDED_TEXT[source.state] ?? '按期办结', pct: 100, paused: false, done: true }
}

export function usedPercent(source: DueSource): number {
  if (!source.limit_s || source.remaining_s == null) return 0
  return Math.round(((source.limit_s - source.remaining_s) / source.limit_s) * 100)
}

const pad = (n: number): string => String(n).padStart(2, '0')

/** 同一天只写时分，今年写月日，往年写年月日。 */
export function shortTime(iso: string | null | undefined, now: number): string {
  if (!iso) return ''
  const t = new Date(iso)
  const today = new Date(now)
  if (t.toDateString() === today.toDateString()) return `${pad(t.getHours())}:${pad(t.getMinutes())}`
  const md = `${pad(t.getMonth() + 1)}-${pad(t.getDate())}`
  return t.getFullYear() === today.getFullYear() ? md : `${t.getFullYear()}-${md}`
}

/** 月日加时分，今天写“今日”。 */
export function fullTime(iso: string | null | undefined, now: number): string {
  if (!iso) return ''
  const t = new Date(iso)
  const clock = `${pad(t.getHours())}:${pad(t.getMinutes())}`
  return t.toDateString() === new Date(now).toDateString() ? `今日 ${clock}` : `${shortTime(iso, now)} ${clock}`
}

/** 秒数写成 4:15。 */
export function mmss(seconds: number | null | undefined): string {
  if (seconds == null) return '–'
  const s = Math.max(0, Math.round(seconds))
  return `${Math.floor(s / 60)}:${pad(s % 60)}`
}
