// 一件案件的数据与操作：取、办、别人抢先时怎么说。案件页和部门手机页共用，不知道画面。
import { computed, onUnmounted, reactive, type Ref, watch } from 'vue'
import { ApiProblem, get, post, sentence } from '@/api/client'
import type { ActionIn, ActionOut, CaseDetail, CasePage, ConditionOut, DepartmentOut } from '@/api/types'
import { actionLabel } from '@/lib/caseLabels'
import { when } from '@/lib/format'
import { useLive } from '@/lib/useLive'
import { say } from '@/stores/ui'
import { fieldsOf } from './actionForm'

const TICK_MS = 60_000
const QUIET_MS = 500
const OWN_MS = 3000 // 自己这一步引起的通知不必再取一次

/** 谁、何时、做了什么，取自最新的一步。 */
export function whoAndWhen(detail: CaseDetail): string {
  const step = detail.timeline.find((e) => e.kind === 'step')
  return step ? `${step.actor} ${when(step.at)} 已做“${actionLabel(step.action).t}”。` : '这件案件刚被别人更新。'
}

export function useCase(number: Ref<string>) {
  const data = reactive({
    detail: null as CaseDetail | null,
    loading: true,
    error: '',
    departments: [] as DepartmentOut[],
    conditions: [] as ConditionOut[],
    doing: null as ActionOut | null,
    busy: false,
    failed: '',
    conflict: '',
  })
  let sentAt = 0
  const path = computed(() => `/cases/${encodeURIComponent(number.value)}`)

  async function load(): Promise<void> {
    Object.assign(data, { loading: true, error: '' })
    try {
      data.detail = await get<CaseDetail>(path.value)
    } catch (error) {
      data.error = sentence(error)
    } finally {
      data.loading = false
    }
  }

  /** 打开着对话框时不换 version：先说谁改了，由人决定按最新情况继续。 */
  async function refresh(): Promise<void> {
    if (!data.detail || data.busy || document.hidden) return
    const fresh = await get<CaseDetail>(path.value).catch(() => null)
    if (!fresh || fresh.case.number !== number.value) return
    if (data.doing && fresh.version !== data.detail.version) data.conflict = whoAndWhen(fresh)
    data.detail = data.doing ? { ...fresh, version: data.detail.version } : fresh
  }

  /** 剩余时限按工作时走，隔一分钟对一次。走列表接口：打开案件页每次都留一条查看记录，对表不该留。 */
  async function tickRow(): Promise<void> {
    if (!data.detail || document.hidden) return
    const page = await get<CasePage>('/cases', { view: 'all', q: number.value, size: 1 }).catch(() => null)
    const row = page?.rows[0]
    if (row && data.detail?.case.number === row.number) data.detail.case = row
  }

  /** 冲突之后：拿最新的 version，填的字留在对话框里。 */
  async function takeLatest(): Promise<void> {
    try {
      data.detail = await get<CaseDetail>(path.value)
      Object.assign(data, { conflict: '', failed: '' })
    } catch (error) {
      data.failed = sentence(error)
    }
  }

  async function begin(action: ActionOut): Promise<void> {
    Object.assign(data, { doing: action, failed: '', conflict: '' })
    const keys = fieldsOf(action.action, action.needs).map((f) => f.key)
    if (keys.includes('department_id')) data.departments = await get<DepartmentOut[]>('/departments').catch(() => [])
    if (keys.includes('condition_no')) data.conditions = await conditions()
  }
  const conditions = (): Promise<ConditionOut[]> =>
    get<ConditionOut[]>(`/categories/${encodeURIComponent(data.detail?.case.category ?? '')}/conditions`, { standard: data.detail?.standard }).catch(() => [])

  /** 成功返回 true。 */
  async function send(action: string, body: ActionIn): Promise<boolean> {
    Object.assign(data, { busy: true, failed: '', conflict: '' })
    try {
      data.detail = await post<CaseDetail>(`${path.value}/actions/${action}`, body)
      sessionStorage.removeItem(`case-action:${number.value}:${action}`)
      data.doing = null
      sentAt = Date.now()
      say('ok', `${number.value} 已${actionLabel(action).t}`)
      return true
    } catch (error) {
      await explain(error)
      return false
    } finally {
      data.busy = false
    }
  }

  async function explain(error: unknown): Promise<void> {
    if (!(error instanceof ApiProblem) || error.status !== 409) return void (data.failed = sentence(error))
    const fresh = await get<CaseDetail>(path.value).catch(() => null)
    if (!fresh || !data.detail || fresh.version === data.detail.version) return void (data.failed = error.message)
    data.conflict = whoAndWhen(fresh)
    data.detail = { ...fresh, version: data.detail.version }
  }

  watch(number, load, { immediate: true })
  let quiet = 0
  const later = (changed: string): void => {
    if (changed !== number.value || Date.now() - sentAt < OWN_MS) return
    window.clearTimeout(quiet)
    quiet = window.setTimeout(refresh, QUIET_MS)
  }
  useLive('case.changed', (event) => later(event.number))
  useLive('message.changed', (event) => later(event.case_number))
  useLive('reset', refresh)
  const tick = window.setInterval(tickRow, TICK_MS)
  onUnmounted(() => {
    window.clearTimeout(quiet)
    window.clearInterval(tick)
  })
  return { data, load, begin, send, takeLatest, close: () => void (data.doing = null) }
}
