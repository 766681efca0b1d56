// 疑似重复一行里的字：哪里相同、多远、多久。
import type { DuplicateOut } from '@/api/types'
import { markWords, type Piece } from './highlight'

/** 第一件也可以按 Alt+J；与分类 1–3、地点 4–6 接着数。 */
export const joinKey = (i: number) => (i === 0 ? 'Alt+J' : `Alt+${i + 7}`)

/** 屏幕多高摆几件：表单的每一项都要看得见，其余的在对比里。 */
export const rowsFor = (height: number) => (height > 800 ? 3 : height > 700 ? 2 : 1)

export function away(metres: number | null): string {
  if (metres === null) return ''
  if (metres < 30) return '同一地点'
  return metres < 1000 ? `${Math.round(metres / 10) * 10} 米` : `${(metres / 1000).toFixed(1)} 公里`
}

/** 依据，最要紧的在前。 */
export function reasons(d: DuplicateOut): string[] {
  return [d.same_caller ? '同一来电人' : '', d.same_category ? '同类' : d.category_name, away(d.distance_m)].filter(Boolean)
}

/** 大致多久：并不并入看的是几天还是几分钟，不看零头。 */
export function age(seconds: number): string {
  const unit = ([[86_400, '天'], [3_600, '小时'], [60, '分钟']] as const).find(([length]) => seconds >= length)
  return unit ? `${Math.floor(seconds / unit[0])} ${unit[1]}前` : '刚刚'
}

export const since = (d: DuplicateOut) => `${age(d.age_s)}${d.reporters > 1 ? `·${d.reporters} 人反映` : ''}`

/** 标题里标出相同的词；标题里没有的，最长的一个另外给出。 */
export function shared(d: DuplicateOut): { title: Piece[]; beside: string } {
  const beside = d.same.find((word) => !d.title.includes(word)) ?? ''
  return { title: markWords(d.title, d.same), beside }
}
