// 案件列表的数据：网址是唯一的筛选，实时变化悄悄换内容。不知道画面长什么样。
import { computed, onUnmounted, reactive, ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { get, sentence } from '@/api/client'
import type { CasePage, CaseRow } from '@/api/types'
import { useLive } from '@/lib/useLive'
import { me } from '@/stores/session'
import { type CaseFilter, conditionsUsed, emptyFilter, fromQuery, homeView, PAGE_SIZE, toParams, toQuery } from './caseFilter'
import { mergeRows } from './mergeRows'

const QUIET_MS = 800 // 一阵连续的变化合成一次取数
const TICK_MS = 60_000 // 剩余时限按工作时走，隔一分钟向服务器对一次

/** 最近看的列表地址：从案件页返回时，筛选和页码还在。 */
export const lastList = ref('/cases')

export function useCaseList() {
  const route = useRoute()
  const router = useRouter()
  const home = homeView(me.value?.roles ?? [])
  const filter = computed(() => fromQuery(route.query, home))
  const size = ref(PAGE_SIZE)
  const data = reactive({
    rows: [] as CaseRow[],
    total: 0,
    counts: {} as Record<string, number>,
    gone: new Set<string>(),
    added: 0,
    loading: true,
    error: '',
  })
  let running: AbortController | undefined

  async function fetchPage(): Promise<CasePage | undefined> {
    running?.abort()
    running = new AbortController()
    const { signal } = running
    try {
      return await get<CasePage>('/cases', toParams(filter.value, new Date(), size.value), signal)
    } catch (error) {
      if (signal.aborted) return undefined
      throw error
    }
  }

  async function load(): Promise<void> {
    data.loading = true
    data.error = ''
    try {
      const page = await fetchPage()
      if (!page) return
      Object.assign(data, { rows: page.rows, total: page.total, counts: page.counts, gone: new Set(), added: 0, loading: false })
    } catch (error) {
      Object.assign(data, { error: sentence(error), loading: false })
    }
  }

  /** 失败不打扰：状态栏已写着连不上，下次再取。 */
  async function refresh(): Promise<void> {
    if (data.loading || data.error || document.hidden) return
    const page = await fetchPage().catch(() => undefined)
    if (page) Object.assign(data, mergeRows(data.rows, page.rows), { total: page.total, counts: page.counts })
  }

  function change(patch: Partial<CaseFilter>): void {
    const next = { ...filter.value, page: 1, ...patch }
    const way = 'view' in patch || 'page' in patch ? 'push' : 'replace'
    void router[way]({ query: toQuery(next) })
  }
  const clear = (): void => change({ ...emptyFilter(filter.value.view), sort: filter.value.sort })

  watch([filter, size], load, { immediate: true })
  watch(() => route.fullPath, (address) => route.path === '/cases' && (lastList.value = address), { immediate: true })
  let quiet = 0
  useLive('case.changed', () => {
    window.clearTimeout(quiet)
    quiet = window.setTimeout(refresh, QUIET_MS)
  })
  useLive('reset', load)
  const tick = window.setInterval(refresh, TICK_MS)
  onUnmounted(() => {
    running?.abort()
    window.clearTimeout(quiet)
    window.clearInterval(tick)
  })
  return { filter, size, data, load, change, clear, used: computed(() => conditionsUsed(filter.value)) }
}
