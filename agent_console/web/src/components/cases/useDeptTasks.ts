// 部门的待办：四格，各格按到期先后。接口只给本单位的案件。
import { computed, onUnmounted, reactive } from 'vue'
import { get, post, sentence } from '@/api/client'
import type { CaseDetail, CasePage, CaseRow } from '@/api/types'
import { useLive } from '@/lib/useLive'
import { me } from '@/stores/session'

export interface DeptTab {
  key: string
  text: string
  queries: { view: string; state?: string }[]
  /** 空的时候说什么。 */
  empty: string
}
const all = (state: string): { view: string; state: string } => ({ view: 'all', state })
export const DEPT_TABS: DeptTab[] = [
  { key: 'sign', text: '待签收', queries: [all('pending_handle')], empty: '没有待签收的案件。派来新的会自动出现在这里。' },
  { key: 'work', text: '处理中', queries: [all('handling'), all('handle_finish'), all('suspended')], empty: '没有在处理的案件。' },
  { key: 'late', text: '已超时', queries: [{ view: 'overdue' }], empty: '没有超时的案件。' },
  { key: 'check', text: '待核查', queries: [{ view: 'to_check' }], empty: '没有等核查的案件。' },
]
const PAGE = 50
const TICK_MS = 60_000
const QUIET_MS = 800

const due = (row: CaseRow): number => (row.due_at ? Date.parse(row.due_at) : Number.MAX_SAFE_INTEGER)

export function useDeptTasks() {
  const data = reactive({ rows: {} as Record<string, CaseRow[]>, totals: {} as Record<string, number>, loading: true, error: '' })

  async function loadTab(tab: DeptTab): Promise<void> {
    const pages = await Promise.all(tab.queries.map((q) => get<CasePage>('/cases', { ...q, sort: 'due', page: 1, size: PAGE })))
    data.rows[tab.key] = pages.flatMap((p) => p.rows).sort((a, b) => due(a) - due(b))
    data.totals[tab.key] = pages.reduce((sum, p) => sum + p.total, 0)
  }

  async function load(): Promise<void> {
    try {
      await Promise.all(DEPT_TABS.map(loadTab))
      data.error = ''
    } catch (error) {
      data.error = sentence(error)
    } finally {
      data.loading = false
    }
  }

  /** 签收并指派给自己。 */
  async function sign(number: string): Promise<void> {
    const path = `/cases/${encodeURIComponent(number)}`
    const detail = await get<CaseDetail>(path)
    await post(`${path}/actions/assign`, { version: detail.version, handler: me.value?.name ?? '' })
  }

  void load()
  let quiet = 0
  useLive('case.changed', () => {
    window.clearTimeout(quiet)
    quiet = window.setTimeout(load, QUIET_MS)
  })
  useLive('reset', load)
  const tick = window.setInterval(load, TICK_MS)
  onUnmounted(() => {
    window.clearTimeout(quiet)
    window.clearInterval(tick)
  })
  return { data, load, sign, busyTab: computed(() => DEPT_TABS.find((t) => data.totals[t.key])?.key ?? 'sign') }
}
