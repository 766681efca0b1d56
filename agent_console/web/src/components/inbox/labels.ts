// 收件箱里的代码怎么叫：每一项都有图标 + 文字 + 颜色键。
import type { ChatMessage, ConversationRow } from '@/api/types'
import type { CloseCode, InboxTab } from '@/api/words'
import type { Look } from '@/lib/states'
import { QUEUES } from '@/components/cases/callFilter'

export const TABS: [tab: InboxTab, text: string][] = [
  ['reply', '待我回'],
  ['citizen', '等市民'],
  ['queue', '排队'],
  ['closed', '已结'],
]

export const CLOSE_CODES: [code: CloseCode, text: string, hint: string][] = [
  ['answered', '已答复', '市民问的已经当场答完'],
  ['filed', '已生成工单', '诉求已登记，办理结果另行告知'],
  ['no_answer', '市民未再回复', '追问后市民一直没有回'],
  ['not_ours', '非受理范围', '已告知应找的部门或途径'],
  ['nuisance', '骚扰、广告', '不是诉求，不计入受理'],
]
export const closeText = (code: string): string => CLOSE_CODES.find(([key]) => key === code)?.[1] ?? '已结'

export const SKILLS = QUEUES

const DELIVERY: Record<string, Look> = {
  queued: { t: '排队中', icon: 'clock', c: '' },
  sending: { t: '发送中', icon: 'clock', c: '' },
  accepted: { t: '已发出', icon: 'check', c: '' },
  delivered: { t: '已送达', icon: 'checks', c: 'ok' },
  failed: { t: '没送到', icon: 'octagon', c: 'crit' },
  expired: { t: '过期没送到', icon: 'octagon', c: 'crit' },
  unknown: { t: '没有收到回执', icon: 'warn', c: 'warn' },
}
export const delivery = (state: string): Look | null => DELIVERY[state] ?? (state ? { t: state, icon: 'dots', c: '' } : null)

export type Speaker = 'citizen' | 'machine' | 'seat'
export const speaker = (m: Pick<ChatMessage, 'author'>): Speaker => (m.author === 'citizen' || m.author === 'machine' ? m.author : 'seat')

/** 列表第二行旁的标签：轮到谁、为什么停在这里。`own` 是我的工号。 */
export function rowTag(row: ConversationRow, own: string): Look {
  if (row.tab === 'closed') return { t: closeText(row.close_code), icon: 'check', c: 'ok' }
  if (row.seat && row.seat !== own) return { t: `${row.seat} 号座席`, icon: 'users', c: '' }
  if (row.tab === 'citizen') return { t: '等市民', icon: 'pause-c', c: '' }
  return { t: row.tab === 'queue' ? `排队·${SKILLS.find(([key]) => key === row.skill)?.[1] ?? '综合受理'}` : '待我回', icon: 'clock', c: '' }
}

const KINDS: Record<string, string> = { image: '图片', voice: '语音', video: '视频', file: '文件' }

/** 一条消息读成一句话：读屏播报、无障碍名称用。 */
export function spoken(m: ChatMessage): string {
  const files = m.files.map((f) => KINDS[f.kind]).join('、')
  const point = m.lat === null ? '' : `位置 ${m.place}`
  return [m.text, files, point].filter(Boolean).join('，')
}
