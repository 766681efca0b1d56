// 疑似重复一行里的字：哪里相同、多远、多久。
import type { DuplicateOut } from '@/api/types'
import { span } from './format'

/** 第一件也可以按 Alt+J；与分类 1–3、地点 4–6 接着数。 */
export const joinKey = (i: number) => (i === 0 ? 'Alt+J' : `Alt+${i + 7}`)

export function away(metres: number | null): string {
  if (metres === null) return ''
  if (metres < 30) return '同一地点'
  return metres < 1000 ? `${Math.round(metres / 10) * 10} 米` : `${(metres / 1000).toFixed(1)} 公里`
}

/** 依据，最要紧的在前。 */
export function reasons(d: DuplicateOut): string[] {
  return [d.same_caller ? '同一来电人' : '', d.same_category ? '同类' : d.category_name, away(d.distance_m)].filter(Boolean)
}

export const since = (d: DuplicateOut) => `${d.age_s < 60 ? '刚刚' : `${span(d.age_s)}前`}·${d.reporters} 人反映`
