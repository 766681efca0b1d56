// 国标的钟：消息 3 分钟、邮件 24 小时内由人答复。还剩多少、走了几成、该不该急。
import type { ConversationRow } from '@/api/types'
import { mmss, span } from '@/lib/format'
import type { IconName } from '@/lib/icons'

export type Level = 'calm' | 'soon' | 'late'
export interface Wait {
  level: Level
  word: string
  icon: IconName
  c: string
  share: number // 0–1，条的长度
  text: string // 1:20、超 0:14、23 时 26 分
}

const SOON = 2 / 3 // 3 分钟里只剩最后 1 分钟
const LONG_S = 3600

const LOOKS: Record<Level, Pick<Wait, 'word' | 'icon' | 'c'>> = {
  calm: { word: '', icon: 'clock', c: 'info' },
  soon: { word: '快超时', icon: 'warn', c: 'warn' },
  late: { word: '已超时', icon: 'octagon', c: 'crit' },
}

/** 1:20；满一小时写“1 时 18 分”。 */
function short(seconds: number): string {
  return seconds >= LONG_S ? span(seconds) : mmss(seconds).replace(/^0(?=\d:)/, '')
}

/** 市民没有在等时为 null。 */
export function waitOf(row: Pick<ConversationRow, 'waiting_since' | 'due_at'>, now: number): Wait | null {
  if (!row.due_at || !row.waiting_since) return null
  const due = Date.parse(row.due_at)
  const whole = Math.max(1, due - Date.parse(row.waiting_since))
  const left = Math.ceil((due - now) / 1000)
  const share = Math.min(1, Math.max(0, 1 - (due - now) / whole))
  const level: Level = left < 0 ? 'late' : share >= SOON ? 'soon' : 'calm'
  return { level, ...LOOKS[level], share, text: left < 0 ? `超 ${short(-left)}` : short(left) }
}

/** 平台允许我们再发多久：窗口余 31 小时、窗口余 40 分钟、窗口已关。 */
export function windowText(until: string | null, now: number): string {
  if (!until) return ''
  const left = (Date.parse(until) - now) / 1000
  if (left <= 0) return '窗口已关'
  return left >= 2 * LONG_S ? `窗口余 ${Math.floor(left / LONG_S)} 小时` : left >= 120 ? `窗口余 ${Math.floor(left / 60)} 分钟` : `窗口余 ${Math.floor(left)} 秒`
}

/** 会话里换了一天才写日期。 */
export function dayOf(iso: string, now: number): string {
  const day = (at: number) => new Date(at).toDateString()
  const at = Date.parse(iso)
  if (day(at) === day(now)) return '今天'
  if (day(at) === day(now - 86_400_000)) return '昨天'
  const d = new Date(at)
  const text = `${d.getMonth() + 1} 月 ${d.getDate()} 日`
  return d.getFullYear() === new Date(now).getFullYear() ? text : `${d.getFullYear()} 年 ${text}`
}
