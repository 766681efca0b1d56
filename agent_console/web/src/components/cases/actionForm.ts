// 一步操作要填什么：接口的 needs → 表单项 → ActionIn。只管规则，不管画面。
import { ACTIONS } from '@/lib/caseLabels'

export interface ActionDraft {
  opinion: string
  reason: string
  department_id: string
  co_department_ids: string[]
  condition_no: number | null
  handler: string
  result: string
  until: string
  solved: boolean | null
  main_case: string
}
export type DraftKey = keyof ActionDraft
export interface Field {
  key: DraftKey
  text: string
  required: boolean
}

export const emptyDraft = (): ActionDraft => ({
  opinion: '', reason: '', department_id: '', co_department_ids: [], condition_no: null,
  handler: '', result: '', until: '', solved: null, main_case: '',
})

/** 接口的词 → 字段。 */
const NEEDS: Record<string, [key: DraftKey, text: string]> = {
  opinion: ['opinion', '意见'],
  reason: ['reason', '理由'],
  department: ['department_id', '主办单位'],
  department_id: ['department_id', '主办单位'],
  co_departments: ['co_department_ids', '协办单位'],
  condition: ['condition_no', '立案条件'],
  condition_no: ['condition_no', '立案条件'],
  handler: ['handler', '处置人'],
  result: ['result', '办理结果'],
  until: ['until', '日期'],
  solved: ['solved', '是否解决'],
  main_case: ['main_case', '主案编号'],
}

/** 同一个字段在不同操作里的叫法。 */
const WORDS: Record<string, Partial<Record<DraftKey, string>>> = {
  verify_result: { result: '核实结果' },
  suspend: { until: '挂账到' },
  supervise: { until: '答复日期', opinion: '督办意见' },
  apply_extend: { reason: '延期理由' },
  close: { opinion: '结案意见', result: '公开答复', condition_no: '结案条件' },
  follow_up: { opinion: '回访记录' },
  check_fail: { reason: '哪里没办好' },
}

/** 必填项按接口的次序；意见总可以写，派给单位时总可以加协办。 */
export function fieldsOf(action: string, needs: readonly string[]): Field[] {
  const fields: Field[] = []
  const add = (need: string, required: boolean): void => {
    const known = NEEDS[need]
    if (!known || fields.some((f) => f.key === known[0])) return
    fields.push({ key: known[0], text: WORDS[action]?.[known[0]] ?? known[1], required })
  }
  for (const need of needs) add(need.replace(/\?$/, ''), !need.endsWith('?'))
  if (fields.some((f) => f.key === 'department_id')) add('co_departments', false)
  add('opinion', false)
  return fields
}

const filled = (value: ActionDraft[DraftKey]): boolean =>
  typeof value === 'string' ? value.trim() !== '' : Array.isArray(value) ? value.length > 0 : value !== null

/** 还差哪几项，按界面上的叫法。 */
export const missing = (fields: readonly Field[], draft: ActionDraft): Field[] =>
  fields.filter((f) => f.required && !filled(draft[f.key]))

export interface ActionBody extends Partial<Omit<ActionDraft, 'until'>> {
  version: number
  until?: string | null
}
/** 只送这一步问到的字段；日期按当地当天 18:00。 */
export function bodyOf(fields: readonly Field[], draft: ActionDraft, version: number): ActionBody {
  const entries = fields.filter((f) => filled(draft[f.key])).map((f) => [f.key, draft[f.key]] as const)
  const body = { version, ...Object.fromEntries(entries) } as ActionBody
  if (body.until) body.until = new Date(`${body.until}T18:00:00`).toISOString()
  return body
}

/** 按主流程的次序排；第一个是主按钮，其余按是否常用分到按钮和“更多”。 */
const ORDER = [
  'register_case', 'submit', 'dispatch', 'assign', 'feedback', 'unit_confirm', 'forward_check', 'close', 'check_pass', 'verify_result',
  'approve_extend', 're_dispatch_same', 'follow_up', 'resume',
  'urge', 'send_verify', 'send_check', 'rework', 'dispatcher_rework', 'dept_return', 'check_fail', 're_dispatch_other',
  'follow_up_reopen', 'supervise', 'apply_extend', 'unit_reject', 'return_to_acceptor', 'suspend', 'revoke_assign',
  'direct_answer', 'merge', 'appeal', 'reject', 'cancel', 'force_close',
]
const rank = (action: string): number => (ORDER.indexOf(action) + 1 || ORDER.length + 1)

export function arrange<T extends { action: string }>(actions: readonly T[]): { shown: T[]; more: T[] } {
  const sorted = [...actions].filter((a) => a.action in ACTIONS).sort((a, b) => rank(a.action) - rank(b.action))
  return { shown: sorted.slice(0, 3), more: sorted.slice(3) }
}

/** 岗位能否成批做；最后由接口把关。 */
const BULK: Record<string, readonly string[]> = {
  urge: ['agent', 'acceptor', 'dispatcher', 'follow_up', 'team_leader', 'supervisor', 'admin'],
  supervise: ['team_leader', 'supervisor', 'admin'],
}
export const mayBulk = (action: string, roles: readonly string[]): boolean =>
  (BULK[action] ?? []).some((r) => roles.includes(r))
