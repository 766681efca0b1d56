// 还差什么：和服务器的要求一致，差的那一步、那一项说清楚。
import type { Draft } from './draft'

export interface Fault {
  step: number
  field: 'content' | 'place' | 'phone' | 'photos'
  text: string
}
const MIN_CONTENT = 4
const PHONE = /^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|[2-8]\d{6,7})$/

export function phoneFault(phone: string): string {
  const given = phone.replace(/[\s-]/g, '')
  if (!given || PHONE.test(given)) return ''
  return given.startsWith('1') ? `手机号是 11 位，您填了 ${given.length} 位` : '请填 11 位手机号，或带区号的座机；不想留可以空着'
}

export function faults(draft: Draft): Fault[] {
  const found: Fault[] = []
  if (draft.content.trim().length < MIN_CONTENT) found.push({ step: 1, field: 'content', text: '请写清发生了什么，至少几个字' })
  if (!draft.place.trim() && draft.lat === null) found.push({ step: 2, field: 'place', text: '请写地点，或在地图上选一个点' })
  const phone = phoneFault(draft.phone)
  if (phone) found.push({ step: 3, field: 'phone', text: phone })
  return found
}
