// 发生时间的写法：座席打“7:10”“昨天 22:00”“11-20 07:10”，不用点日历。
const DAYS: Record<string, number> = { 今天: 0, 昨天: 1, 前天: 2 }
const PATTERN = /^(?:(今天|昨天|前天)|(?:(\d{4})-)?(\d{1,2})-(\d{1,2}))?\s*(?:(\d{1,2})[:：点时](\d{1,2})?分?)?$/

/** null = 没填或“现在”；undefined = 看不懂，或落在将来。 */
export function parseWhen(text: string, now: Date): Date | null | undefined {
  const trimmed = text.trim()
  if (!trimmed || trimmed === '现在') return null
  const found = PATTERN.exec(trimmed)
  if (!found) return undefined
  const [, word, year, month, day, hour, minute] = found
  const at = new Date(now)
  if (word) at.setDate(at.getDate() - DAYS[word]!)
  if (month) at.setFullYear(year ? Number(year) : at.getFullYear(), Number(month) - 1, Number(day))
  if (Number(month ?? 1) > 12 || Number(day ?? 1) > 31 || Number(hour ?? 0) > 23 || Number(minute ?? 0) > 59) return undefined
  at.setHours(Number(hour ?? 0), Number(minute ?? 0), 0, 0)
  return at > now ? undefined : at
}
