// 等我处理：别人在等我的事，按危险、到期排好；F2 回拨选中的一项。
import { computed, reactive } from 'vue'
import { get, post, sentence } from '@/api/client'
import type { WorkItem } from '@/api/types'
import { live } from '@/live'
import { say } from './ui'

export const work = reactive({ items: [] as WorkItem[], loaded: false, failed: '', at: 0 })

const due = (item: WorkItem) => (item.due_at ? Date.parse(item.due_at) : Number.MAX_SAFE_INTEGER)
export const sorted = computed(() => [...work.items].sort((a, b) => Number(b.danger) - Number(a.danger) || due(a) - due(b)))
export const selected = computed(() => sorted.value[Math.min(work.at, sorted.value.length - 1)])

export function select(step: number): void {
  work.at = Math.max(0, Math.min(sorted.value.length - 1, work.at + step))
}

export async function loadWork(): Promise<void> {
  try {
    work.items = await get<WorkItem[]>('/seat/work')
    Object.assign(work, { loaded: true, failed: '' })
  } catch (error) {
    work.failed = sentence(error)
  }
}

/** 认领；被别人先拿走时说出是谁，并刷新。 */
export async function take(item: WorkItem): Promise<boolean> {
  try {
    await post(`/work/${encodeURIComponent(item.id)}/take`)
    return true
  } catch (error) {
    say('warn', sentence(error))
    return false
  } finally {
    void loadWork()
  }
}

export async function done(item: WorkItem): Promise<void> {
  try {
    await post(`/work/${encodeURIComponent(item.id)}/done`)
  } catch (error) {
    say('warn', sentence(error))
  }
  await loadWork()
}

live.on('work.changed', () => void (work.loaded && loadWork()))
live.on('reset', () => void (work.loaded && loadWork()))
