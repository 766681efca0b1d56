// 案件列表的筛选：网址、界面、接口三边的互换。网址里只写与默认不同的项。

import type { IconName } from '@/lib/icons'

export interface CaseFilter {
  view: string
  q: string
  state: string
  period: string
  district: string
  channel: string
  department: string
  category: string
  urgency: string
  sort: string
  page: number
}

export const PAGE_SIZE = 14

export interface View {
  key: string
  text: string
  icon?: IconName
  tone?: string
}
export const VIEWS: View[] = [
  { key: 'mine', text: '我经手' },
  { key: 'to_register', text: '待受理' },
  { key: 'to_dispatch', text: '待派遣', icon: 'warn', tone: 'warn' },
  { key: 'handling', text: '处理中' },
  { key: 'due_soon', text: '即将超时', icon: 'warn', tone: 'warn' },
  { key: 'overdue', text: '已超时', icon: 'octagon', tone: 'crit' },
  { key: 'to_check', text: '待核查' },
  { key: 'followup', text: '待回访' },
  { key: 'all', text: '全部' },
]

/** 每种岗位进来先看的视图。 */
const HOME_VIEW: [role: string, view: string][] = [
  ['dispatcher', 'to_dispatch'],
  ['acceptor', 'to_register'],
  ['follow_up', 'followup'],
  ['agent', 'mine'],
]
export function homeView(roles: readonly string[]): string {
  return HOME_VIEW.find(([role]) => roles.includes(role))?.[1] ?? 'all'
}

export const PERIODS: [key: string, text: string, days: number | null][] = [
  ['today', '今天', 0],
  ['7d', '近 7 天', 6],
  ['30d', '近 30 天', 29],
  ['all', '不限', null],
]

export const SORTS: [key: string, text: string][] = [
  ['-updated', '按更新时间从新到旧'],
  ['updated', '按更新时间从旧到新'],
  ['due', '按剩余时限从短到长'],
  ['-due', '按剩余时限从长到短'],
  ['-reported', '按登记时间从新到旧'],
  ['-urgency', '按紧急程度从高到低'],
]

export function emptyFilter(view = 'all'): CaseFilter {
  return {
    view, q: '', state: '', period: 'all', district: '', channel: '', department: '',
    category: '', urgency: '', sort: '-updated', page: 1,
  }
}

type Query = Record<string, unknown>
const one = (v: unknown): string => (typeof v === 'string' ? v : Array.isArray(v) ? one(v[0]) : '')
const TEXT_KEYS = ['view', 'q', 'state', 'period', 'district', 'channel', 'department', 'category', 'urgency', 'sort'] as const

/** 网址 → 筛选。不认识的值回到默认，旧网址不会打不开。 */
export function fromQuery(query: Query, home = 'all'): CaseFilter {
  const filter = emptyFilter(home)
  for (const key of TEXT_KEYS) filter[key] = one(query[key]) || filter[key]
  if (!VIEWS.some((v) => v.key === filter.view)) filter.view = home
  if (!PERIODS.some(([key]) => key === filter.period)) filter.period = 'all'
  if (!SORTS.some(([key]) => key === filter.sort)) filter.sort = '-updated'
  filter.page = Math.max(1, Math.floor(Number(one(query.page))) || 1)
  return filter
}

/** 筛选 → 网址。视图总是写明，这样链接发给别人看到的一样。 */
export function toQuery(filter: CaseFilter): Record<string, string> {
  const base = emptyFilter()
  const query: Record<string, string> = { view: filter.view }
  for (const key of TEXT_KEYS) if (filter[key] && filter[key] !== base[key]) query[key] = filter[key]
  if (filter.page > 1) query.page = String(filter.page)
  return query
}

/** 筛选 → 接口参数；“近 7 天”从当地零点算起。 */
export function toParams(filter: CaseFilter, now: Date, size = PAGE_SIZE): Record<string, string> {
  const params: Record<string, string> = { view: filter.view, sort: filter.sort, page: String(filter.page), size: String(size) }
  for (const key of ['state', 'district', 'channel', 'department', 'category', 'urgency'] as const)
    if (filter[key]) params[key] = filter[key]
  if (filter.q.trim()) params.q = filter.q.trim()
  const days = PERIODS.find(([key]) => key === filter.period)?.[2]
  if (days != null) params.since = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days).toISOString()
  return params
}

/** 除视图和页码外还用了几个条件，用来写空状态和“清除条件”。 */
export function conditionsUsed(filter: CaseFilter): number {
  const base = emptyFilter()
  return TEXT_KEYS.filter((k) => k !== 'view' && k !== 'sort' && filter[k] !== base[k]).length
}
