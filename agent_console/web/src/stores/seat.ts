// 我的座席：状态、当前来电。服务器说了算，实时事件整个替换。
import { reactive } from 'vue'
import { get } from '@/api/client'
import type { Seat } from '@/api/types'
import { live } from '@/live'
import { setQueues } from './queues'

export const seat = reactive({ value: null as Seat | null })

export function setSeat(value: Seat): void {
  seat.value = value
  setQueues(value.queues)
}

export async function loadSeat(): Promise<void> {
  setSeat(await get<Seat>('/seat'))
}

live.on('seat.changed', setSeat)
