// 一张表：取一次、改完再取；错误留在表里，带重试。
import { reactive } from 'vue'
import { get, sentence } from '@/api/client'
import { say } from '@/stores/ui'

export interface List<T> {
  rows: T[]
  loaded: boolean
  failed: string
  busy: string
  load: () => Promise<void>
  change: (what: string, action: () => Promise<unknown>, done: string) => Promise<boolean>
}

export function useList<T>(path: string): List<T> {
  const list: List<T> = reactive({
    rows: [] as T[],
    loaded: false,
    failed: '',
    busy: '', // 正在改的那一行
    async load() {
      try {
        Object.assign(list, { rows: await get<T[]>(path), loaded: true, failed: '' })
      } catch (error) {
        list.failed = sentence(error)
      }
    },
    async change(what: string, action: () => Promise<unknown>, done: string) {
      if (list.busy) return false
      list.busy = what
      try {
        await action()
        say('ok', done)
        return true
      } catch (error) {
        say('crit', sentence(error))
        return false
      } finally {
        list.busy = ''
        await list.load()
      }
    },
  }) as List<T>
  void list.load()
  return list
}
