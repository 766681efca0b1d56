// 规则实验室的纯函数：类目的次序、涨跌、依据词落到文本上、图的坐标。不知道画面，也不取数。
import type { AcceptanceDay, CategoryNode, ClassEffect, EffectOut, RuleState, RuleVersionOut, WordOut } from '@/api/types'

export const EVERY = '*'
export const NONE = ''
export const KINDS = ['官方名', '同义词', '地方叫法', '常见描述', '关键词', '排除项', '无关词'] as const
const LOW = 0.8
const ENOUGH = 5 // 样本少于此数，高低只是偶然

export interface ClassRow {
  code: string
  name: string
  short: string // 05-05
  effect: ClassEffect | null
  low: boolean
  delta: number // 准确率与召回率之中变化大的那个，百分点
}

export function shortCode(code: string): string {
  const [, major, minor] = code.split('|')
  return major && minor ? `${major}-${minor}` : '–'
}

const POINTS = 100
/** 百分点，一位小数；有一边没有数就没有变化。 */
export const points = (before: number | null, after: number | null): number =>
  before === null || after === null ? 0 : Math.round((after - before) * POINTS * 10) / 10

function delta(effect: ClassEffect | null): number {
  if (!effect) return 0
  const precision = points(effect.precision_before, effect.precision)
  const recall = points(effect.recall_before, effect.recall)
  return Math.abs(precision) >= Math.abs(recall) ? precision : recall
}

export const isLow = (e: ClassEffect | null): boolean => e !== null && e.reports >= ENOUGH && ((e.precision ?? 1) < LOW || (e.recall ?? 1) < LOW)

/** 有样本的在前，件数多的在前；“都不是”和“全部类目”在最后。 */
export function classRows(nodes: readonly CategoryNode[], effect: EffectOut | null): ClassRow[] {
  const found = new Map((effect?.classes ?? []).map((c) => [c.code, c]))
  const row = (code: string, name: string): ClassRow => {
    const e = found.get(code) ?? null
    return { code, name, short: shortCode(code), effect: e, low: isLow(e), delta: delta(e) }
  }
  const rows = nodes.map((n) => row(n.code, n.kind === '部件' ? `${n.name}（部件）` : n.name))
  rows.sort((a, b) => (b.effect?.reports ?? 0) - (a.effect?.reports ?? 0))
  return [...rows, row(NONE, '都不是'), row(EVERY, '全部类目（通用排除）')]
}

export function findRows(rows: readonly ClassRow[], query: string): ClassRow[] {
  const words = query.trim().split(/\s+/).filter(Boolean)
  return rows.filter((r) => words.every((w) => `${r.code} ${r.short} ${r.name}`.includes(w)))
}

export const draftOf = (state: RuleState | null): RuleVersionOut | null => state?.versions.find((v) => v.phase === 'draft') ?? null
export const inForce = (state: RuleState | null): RuleVersionOut | null => state?.versions.find((v) => v.phase === 'in_force') ?? null
export const inShadow = (state: RuleState | null): RuleVersionOut | null => state?.versions.find((v) => v.phase === 'shadow') ?? null

export interface Mark {
  text: string
  on: boolean
}

/** 词里的“…”“|”“<组>”只是写法：逐个部分去文本里找，标出来；各段连起来恰好是原文。 */
export function marks(content: string, words: readonly string[]): Mark[] {
  const parts = words.flatMap((w) => w.split(/[…|]/)).filter((p) => p.length > 0 && !p.includes('<'))
  const on = new Array<boolean>(content.length).fill(false)
  for (const part of parts)
    for (let at = content.indexOf(part); at >= 0; at = content.indexOf(part, at + 1)) on.fill(true, at, at + part.length)
  const out: Mark[] = []
  for (let i = 0; i < content.length; i++) {
    const last = out.at(-1)
    if (last && last.on === on[i]) last.text += content[i]
    else out.push({ text: content[i]!, on: on[i]! })
  }
  return out
}

/** 权重随类型走：填错的符号替人改过来，0 给无关词。 */
export function weightFor(kind: string, weight: number): number {
  if (kind === '无关词') return 0
  const size = Math.abs(weight) || (kind === '排除项' ? 2 : 2.6)
  return kind === '排除项' ? -size : size
}

export const rightRatio = (w: WordOut): number | null => (w.hits ? (w.right ?? 0) / w.hits : null)

/** 坐标轴从最差的那一类往下取整到 10%，至少留出 20%。 */
export function axisFrom(values: readonly number[]): number {
  const lowest = Math.min(1, ...values)
  return Math.max(0, Math.min(0.8, Math.floor(lowest * 10) / 10))
}

export const percent1 = (ratio: number | null | undefined): string => (ratio == null ? '–' : (ratio * POINTS).toFixed(1))
export const signed = (n: number): string => (n > 0 ? `+${n}` : n < 0 ? `−${Math.abs(n)}` : '不变')

const DAY_MS = 86_400_000

/** 逐日的份额，横坐标 0 到 1（最左是 `span` 天前）；没有件数的日子不画点。 */
export function dayPoints(days: readonly AcceptanceDay[], of: 'first' | 'among', span: number, today: Date): { at: number; share: number }[] {
  const end = new Date(today.getFullYear(), today.getMonth(), today.getDate()).getTime()
  return days
    .filter((d) => d.shown)
    .map((d) => {
      const day = new Date(Number(d.day.slice(0, 4)), Number(d.day.slice(4, 6)) - 1, Number(d.day.slice(6))).getTime()
      return { at: Math.max(0, Math.min(1, 1 - (end - day) / DAY_MS / span)), share: d[of] / d.shown }
    })
}
