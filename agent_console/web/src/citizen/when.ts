// 时间的说法：今天 10:16、昨天 21:30、11月20日 09:00。
const pad = (n: number) => String(n).padStart(2, '0')
const midnight = (d: Date) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime()

export function whenText(iso: string, now = new Date()): string {
  const at = new Date(iso)
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000)
  const named: Record<number, string> = { 0: '今天', 1: '昨天', [-1]: '明天' }
  const year = at.getFullYear() === now.getFullYear() ? '' : `${at.getFullYear()}年`
  return `${named[days] ?? `${year}${at.getMonth() + 1}月${at.getDate()}日`} ${pad(at.getHours())}:${pad(at.getMinutes())}`
}
