// “通道”页里的代码怎么叫。
import type { AccountOut, UndeliveredOut } from '@/api/types'
import type { Look } from '@/lib/states'
import { clock } from '@/lib/format'

export type Part = 'undelivered' | 'filings' | 'opt-outs' | 'moderated' | 'canned' | 'answers'
export const PARTS: [part: Part, text: string][] = [
  ['undelivered', '未送达'],
  ['canned', '常用语'],
  ['answers', '自动答复'],
  ['filings', '模板报备'],
  ['opt-outs', '退订'],
  ['moderated', '拦截词'],
]

export const FILING: Record<string, Look> = {
  '': { t: '未报备', icon: 'minus-c', c: '' },
  draft: { t: '准备中', icon: 'pencil', c: 'acw' },
  filed: { t: '已提交', icon: 'clock', c: 'info' },
  approved: { t: '已通过', icon: 'check-c', c: 'ok' },
  stopped: { t: '已停用', icon: 'ban', c: 'crit' },
}
export const filingStates = ['draft', 'filed', 'approved', 'stopped'] as const

const LOST: Record<string, Look> = {
  failed: { t: '没送到', icon: 'octagon', c: 'crit' },
  expired: { t: '过期', icon: 'clock', c: 'crit' },
  unknown: { t: '没有回执', icon: 'warn', c: 'warn' },
}
export const lost = (m: Pick<UndeliveredOut, 'state'>): Look => LOST[m.state] ?? { t: m.state, icon: 'dots', c: '' }

const SOURCE: Record<string, string> = { seat: '工作人员登记', text: '市民回信退订' }
export const sourceText = (source: string): string => SOURCE[source] ?? source

const TEMPLATE: Record<string, string> = {
  accepted: '受理告知',
  joined: '并入告知',
  resolved: '办结告知',
  not_accepted: '不予立案告知',
  survey: '满意度调查',
  survey_solved: '是否解决',
}
export const templateText = (template: string): string => TEMPLATE[template] ?? (template || '座席回复')

const TROUBLE: Record<string, string> = {
  not_connected: '没有连上',
  not_bound: '没有连上',
  no_answer: '对方没有应答',
  throttled: '对方限速',
  provider_trouble: '服务商出错',
  address_not_listed: '我们的地址不在白名单',
  bad_secret: '密钥被改过或冻结',
  bad_app_id: '应用编号不对',
  secret_frozen: '密钥被冻结',
  token_refused: '令牌被别的系统占用',
  daily_quota: '今天的额度用完，零点后再发',
  not_permitted: '账号没有这项权限',
}
/** 登录被拒只写了对方的状态码，去 operations.md 查。 */
const troubleText = (word: string) => TROUBLE[word] ?? (/^(login|bind) refused/.test(word) ? `登录被拒绝（${word.replace(/\D*(0x[\da-f]+|\d+).*/, '状态 $1')}）` : word)

/** 一个账号现在怎样：先说停着，再说故障，再说积压。 */
export function health(a: AccountOut, now: number): Look & { detail: string } {
  const paused = a.paused_until && Date.parse(a.paused_until) > now ? a.paused_until : ''
  if (paused) return { t: '暂停', icon: 'pause-c', c: 'warn', detail: `${troubleText(a.trouble) || '对方出错'}；${clock(paused)} 自动再试` }
  if (a.trouble) return { t: '故障', icon: 'octagon', c: 'crit', detail: troubleText(a.trouble) }
  return { t: '正常', icon: 'check-c', c: 'ok', detail: a.backlog ? '正在发' : '没有积压' }
}
