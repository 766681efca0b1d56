// 座席状态、案件状态、渠道、紧急程度：每一项都有 颜色键 + 图标 + 文字，三者总是一起出现。
import type { AgentState, Channel, Urgency } from '@/api/words'
import type { IconName } from './icons'

export interface Look {
  t: string
  icon: IconName
  c: string // 颜色键，见 base.css 的 .tag
}

// hold 和 three 是通话中的子状态，只在软电话里有。
export type SeatLook = AgentState | 'hold' | 'three'

export const AGENT: Record<SeatLook, Look> = {
  ready: { t: '示闲', icon: 'check-c', c: 'ready' },
  ringing: { t: '振铃', icon: 'bell-ring', c: 'ring' },
  talking: { t: '通话', icon: 'phone', c: 'talk' },
  hold: { t: '保持', icon: 'pause', c: 'hold' },
  three: { t: '三方', icon: 'three', c: 'talk' },
  dialing: { t: '外呼', icon: 'phone-out', c: 'talk' },
  acw: { t: '话后整理', icon: 'pencil', c: 'acw' },
  busy: { t: '示忙', icon: 'minus-c', c: 'busy' },
  break: { t: '小休', icon: 'coffee', c: 'break' },
  off: { t: '未签入', icon: 'power', c: 'off' },
}

export const CASE: Record<string, Look> = {
  reported: { t: '待受理', icon: 'inbox', c: 'info' },
  pending_verify: { t: '核实中', icon: 'search', c: 'info' },
  pending_register: { t: '待立案', icon: 'doc', c: 'info' },
  not_accepted: { t: '不立案', icon: 'ban', c: 'busy' },
  cancelled: { t: '已作废', icon: 'ban', c: 'busy' },
  merged: { t: '已并单', icon: 'merge', c: 'busy' },
  pending_dispatch: { t: '待派遣', icon: 'send', c: 'warn' },
  pending_handle: { t: '待签收', icon: 'dept', c: 'warn' },
  handling: { t: '处理中', icon: 'pencil', c: 'talk' },
  returned: { t: '已退回', icon: 'swap', c: 'crit' },
  handle_finish: { t: '处置完成', icon: 'check', c: 'info' },
  suspended: { t: '已挂账', icon: 'pause-c', c: 'hold' },
  pending_check: { t: '待核查', icon: 'eye', c: 'info' },
  pending_close: { t: '待结案', icon: 'flag', c: 'info' },
  checking: { t: '核查中', icon: 'eye', c: 'info' },
  closed: { t: '已结案', icon: 'check-c', c: 'ok' },
  forced_close: { t: '强制结案', icon: 'lock', c: 'busy' },
}

export const CHANNEL: Record<Channel, Look> = {
  phone: { t: '电话', icon: 'phone', c: '' },
  sms: { t: '短信', icon: 'sms', c: '' },
  wechat: { t: '微信', icon: 'wechat', c: '' },
  telegram: { t: 'Telegram', icon: 'plane', c: '' },
  email: { t: '邮件', icon: 'mail', c: '' },
  web: { t: '网页', icon: 'globe', c: '' },
}

export const URGENCY: Record<Urgency, Look> = {
  normal: { t: '一般', icon: 'clock', c: '' },
  urgent: { t: '紧急', icon: 'warn', c: 'warn' },
  critical: { t: '特急', icon: 'octagon', c: 'crit' },
}

export const APPEAL = {
  consult: '咨询',
  help: '求助',
  complaint: '投诉',
  tipoff: '举报',
  suggestion: '建议',
  praise: '表扬',
} as const

export const BREAK_REASON: Record<string, string> = { meal: '用餐', rest: '休息', training: '培训', meeting: '会议' }

const UNKNOWN: Look = { t: '', icon: 'dots', c: '' }

/** 没有见过的代码显示代码本身，不丢信息。 */
export function look(kind: 'agent' | 'case' | 'urgency' | 'channel', code: string): Look {
  const table: Record<string, Look> = { agent: AGENT, case: CASE, urgency: URGENCY, channel: CHANNEL }[kind]
  return table[code] ?? { ...UNKNOWN, t: code }
}
