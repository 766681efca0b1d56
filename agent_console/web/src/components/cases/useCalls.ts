// 话单的数据：同一条件下取一页电话和一组指标。
import { computed, onUnmounted, reactive, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { get, sentence } from '@/api/client'
import type { CallPage, CallRow, Figure, FigureSet } from '@/api/types'
import { type CallFilter, callParams, callsFromQuery, callsToQuery } from './callFilter'

export const CALLS_PAGE = 14

export function useCalls() {
  const route = useRoute()
  const router = useRouter()
  const filter = computed(() => callsFromQuery(route.query))
  const data = reactive({ rows: [] as CallRow[], total: 0, figures: [] as Figure[], loading: true, error: '' })
  let running: AbortController | undefined

  async function load(): Promise<void> {
    running?.abort()
    running = new AbortController()
    const { signal } = running
    data.loading = true
    try {
      const now = new Date()
      const [page, set] = await Promise.all([
        get<CallPage>('/calls', callParams(filter.value, now, CALLS_PAGE), signal),
        get<FigureSet>('/figures', callParams(filter.value, now), signal),
      ])
      Object.assign(data, { rows: page.rows, total: page.total, figures: set.figures, error: '', loading: false })
    } catch (error) {
      if (!signal.aborted) Object.assign(data, { error: sentence(error), loading: false })
    }
  }

  function change(patch: Partial<CallFilter>): void {
    void router.push({ query: callsToQuery({ ...filter.value, page: 1, ...patch }) })
  }
  watch(filter, load, { immediate: true })
  onUnmounted(() => running?.abort())
  return { filter, data, load, change }
}
