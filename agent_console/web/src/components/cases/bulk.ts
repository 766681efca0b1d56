// 成批催办、督办与导出：一件一件来，哪件没成说清楚，不因一件失败停下。
import { get, post, sentence } from '@/api/client'
import type { CaseDetail, CasePage, CaseRow } from '@/api/types'
import { APPEAL, look } from '@/lib/states'
import { actionLabel } from '@/lib/caseLabels'
import { when } from '@/lib/format'
import { type CaseFilter, toParams } from './caseFilter'
import { saveCsv, toCsv } from './csv'
import { dueView } from './remaining'

export interface BulkResult {
  done: string[]
  failed: { number: string; why: string }[]
}

export async function bulk(action: string, numbers: readonly string[], opinion: string): Promise<BulkResult> {
  const result: BulkResult = { done: [], failed: [] }
  for (const number of numbers) {
    try {
      await act(number, action, opinion)
      result.done.push(number)
    } catch (error) {
      result.failed.push({ number, why: error instanceof NotOffered ? error.message : sentence(error) })
    }
  }
  return result
}

class NotOffered extends Error {}

async function act(number: string, action: string, opinion: string): Promise<void> {
  const path = `/cases/${encodeURIComponent(number)}`
  const detail = await get<CaseDetail>(path)
  if (!detail.actions.some((a) => a.action === action))
    throw new NotOffered(`${look('case', detail.case.state).t}，现在不能${actionLabel(action).t}`)
  await post<CaseDetail>(`${path}/actions/${action}`, { version: detail.version, opinion })
}

const EXPORT_PAGE = 100
const EXPORT_LIMIT = 5000
const HEADER = ['编号', '标题', '诉求类型', '紧急程度', '渠道', '分类', '区', '街道', '主办单位', '状态', '剩余时限', '到期', '催办', '反映人数', '登记时间', '更新时间']

/** 返回导出的件数和总数；接口给的内容已经打码。 */
export async function exportCases(filter: CaseFilter): Promise<{ saved: number; total: number }> {
  const rows: CaseRow[] = []
  let total = 1
  for (let page = 1; rows.length < Math.min(total, EXPORT_LIMIT); page += 1) {
    const reply = await get<CasePage>('/cases', toParams({ ...filter, page }, new Date(), EXPORT_PAGE))
    total = reply.total
    if (!reply.rows.length) break
    rows.push(...reply.rows)
  }
  const now = Date.now()
  saveCsv(`案件-${new Date(now).toLocaleDateString('sv')}.csv`, toCsv(HEADER, rows.map((row) => line(row, now))))
  return { saved: rows.length, total }
}

const line = (c: CaseRow, now: number): unknown[] => [
  c.number, c.title, APPEAL[c.appeal], look('urgency', c.urgency).t, look('channel', c.channel).t, c.category_name,
  c.district, c.street, c.department, look('case', c.state).t, dueView(c, now).text, c.due_at ? when(c.due_at) : '', c.urges,
  c.reporters, new Date(c.reported_at).toLocaleString('sv'), new Date(c.updated_at).toLocaleString('sv'),
]
