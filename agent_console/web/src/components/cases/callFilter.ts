// 话单的筛选在网址里：大屏的数字点过来就是这里。
export interface CallFilter {
  figure: string
  queue: string
  seat: string
  period: string
  page: number
}

/** 指标的叫法；话单列的是这个数后面的电话。 */
export const FIGURES: [key: string, text: string][] = [
  ['offered', '全部来电'],
  ['answered', '接听'],
  ['within_15s', '15 秒内接听'],
  ['connect_rate', '接通率（进队列的）'],
  ['connect_rate_without_short', '接通率（不含 5 秒内挂断）'],
  ['abandoned', '排队中放弃'],
  ['abandoned_short', '5 秒内挂断'],
  ['timed_out', '等到超时'],
  ['asa', '平均应答（接听的）'],
  ['longest_wait', '最长等待'],
  ['talk', '通话时长'],
  ['acw', '话后整理'],
]
export const QUEUES: [key: string, text: string][] = [
  ['general', '综合受理'],
  ['business', '涉企专席'],
  ['dialect', '方言专席'],
]
export const queueText = (name: string): string => QUEUES.find(([key]) => key === name)?.[1] ?? (name || '–')

export const CALL_PERIODS: [key: string, text: string, days: number][] = [
  ['today', '今天', 0],
  ['7d', '近 7 天', 6],
  ['30d', '近 30 天', 29],
]

type Query = Record<string, unknown>
const one = (v: unknown): string => (typeof v === 'string' ? v : '')

export function callsFromQuery(query: Query): CallFilter {
  const period = one(query.period)
  return {
    figure: FIGURES.some(([key]) => key === query.figure) ? one(query.figure) : 'offered',
    queue: one(query.queue),
    seat: one(query.seat).replace(/\D/g, '').slice(0, 8),
    period: CALL_PERIODS.some(([key]) => key === period) ? period : 'today',
    page: Math.max(1, Math.floor(Number(one(query.page))) || 1),
  }
}

export function callsToQuery(filter: CallFilter): Record<string, string> {
  const query: Record<string, string> = { figure: filter.figure }
  if (filter.queue) query.queue = filter.queue
  if (filter.seat) query.seat = filter.seat
  if (filter.period !== 'today') query.period = filter.period
  if (filter.page > 1) query.page = String(filter.page)
  return query
}

/** `size` 只给列表；不给时是同一条件下的指标。 */
export function callParams(filter: CallFilter, now: Date, size?: number): Record<string, string> {
  const days = CALL_PERIODS.find(([key]) => key === filter.period)?.[2] ?? 0
  const params: Record<string, string> = {
    queue: filter.queue,
    seat: filter.seat,
    since: new Date(now.getFullYear(), now.getMonth(), now.getDate() - days).toISOString(),
  }
  return size ? { ...params, figure: filter.figure, page: String(filter.page), size: String(size) } : params
}
