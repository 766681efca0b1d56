// 实时变化怎样进表：在原来的位置换内容，不换位置；新来的只计数，等人点了再放进来。

interface Numbered {
  number: string
}
export interface Merged<T> {
  rows: T[]
  /** 还显示着、但已不符合当前视图的编号。 */
  gone: Set<string>
  /** 应当出现而还没有显示的件数。 */
  added: number
}

export function mergeRows<T extends Numbered>(shown: readonly T[], fresh: readonly T[]): Merged<T> {
  const now = new Map(fresh.map((row) => [row.number, row]))
  const rows = shown.map((row) => now.get(row.number) ?? row)
  const gone = new Set(shown.filter((row) => !now.has(row.number)).map((row) => row.number))
  const known = new Set(shown.map((row) => row.number))
  return { rows, gone, added: fresh.filter((row) => !known.has(row.number)).length }
}
