// 各队列此刻的等待；随座席一起取回。
import { computed, reactive } from 'vue'
import type { QueueNow } from '@/api/types'

export const queues = reactive({ all: [] as QueueNow[], at: 0 })

export function setQueues(all: QueueNow[]): void {
  queues.all = all
  queues.at = Date.now()
}

export const waiting = computed(() => queues.all.reduce((sum, q) => sum + q.waiting, 0))
export const longest = computed(() => Math.max(0, ...queues.all.map((q) => q.longest_s)))
