// 剩余时限怎么说：剩/超 + 时分，工作时与自然时分开。不知道从哪里取数。
import { ENDED_STATES } from '@/lib/caseLabels'
import { span } from '@/lib/format'

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

/** 一段时间的说法；`working` 为工作时（8 工作时 = 1 工作日），否则为自然时间。 */
export function spanText(seconds: number, working = false): string {
  if (!working || seconds < WORKING_DAY_S) return span(seconds)
  if (seconds < 2 * WORKING_DAY_S) return `${Math.floor(seconds / 3600)} 工作时`
  return `${Math.floor(seconds / WORKING_DAY_S)} 工作日`
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
  if (source.state === 'suspended') return { text: '挂账中', pct, paused: true, done: false }
  if (source.remaining_s == null) return { text: '未计时', pct: 0, paused: false, done: false }
  const late = source.remaining_s < 0
  const length = spanText(Math.abs(source.remaining_s), isWorkingTime(source, now))
  return { text: `${late ? '超' : '剩'} ${length}`, pct: late ? Math.max(100, pct) : Math.min(99, pct), paused: false, done: false }
}

function endedView(source: DueSource): DueView {
  const what = ENDED_STATES.has(source.state) ? '办结' : '处置' // 反馈时就定了是否按期，结案还在后面
  if (source.on_time === false) return { text: `超时${what}`, pct: 100, paused: false, done: false }
  return { text: ENDED_TEXT[source.state] ?? `按期${what}`, pct: 100, paused: false, done: true }
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

/** 环节时限的说法：不足一小时的写分钟，“0.25 紧急工作时”没人这样说。 */
export function limitText(label: string): string {
  const hours = Number(/^(0\.\d+) 紧急工作时$/.exec(label)?.[1])
  return hours ? `${Math.round(hours * 60)} 分` : label
}
