// 时间、时长、数量的写法。时长一律以秒传入。
const two = (n: number) => String(n).padStart(2, '0')

/** 03:43；满一小时为 1:02:03。 */
export function mmss(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds))
  const h = Math.floor(s / 3600)
  const rest = `${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`
  return h ? `${h}:${rest}` : rest
}

/** 3:42，表格里的通话时长。 */
export function talk(seconds: number | null): string {
  if (seconds == null) return '–'
  const s = Math.round(seconds)
  return `${Math.floor(s / 60)}:${two(s % 60)}`
}

/** 2 天 3 时、1 时 18 分、22 分、40 秒：最多两个单位。 */
export function span(seconds: number): string {
  const s = Math.abs(Math.round(seconds))
  const d = Math.floor(s / 86400)
  const h = Math.floor((s % 86400) / 3600)
  const m = Math.floor((s % 3600) / 60)
  if (d) return h ? `${d} 天 ${h} 时` : `${d} 天`
  if (h) return m ? `${h} 时 ${m} 分` : `${h} 时`
  if (m) return `${m} 分`
  return `${s} 秒`
}

export const remaining = (seconds: number) => (seconds < 0 ? `超 ${span(seconds)}` : `剩 ${span(seconds)}`)

export function ago(iso: string, now = Date.now()): string {
  const s = (now - Date.parse(iso)) / 1000
  return s < 60 ? '刚刚' : `${span(s)}前`
}

export function clock(iso: string | null, withSeconds = false): string {
  if (!iso) return '–'
  const d = new Date(iso)
  const t = `${two(d.getHours())}:${two(d.getMinutes())}`
  return withSeconds ? `${t}:${two(d.getSeconds())}` : t
}

/** 今天只写 10:24；今年 11-20 10:24；往年带年份。 */
export function when(iso: string | null, now = new Date()): string {
  if (!iso) return '–'
  const d = new Date(iso)
  if (d.toDateString() === now.toDateString()) return clock(iso)
  const day = `${two(d.getMonth() + 1)}-${two(d.getDate())}`
  return `${d.getFullYear() === now.getFullYear() ? day : `${d.getFullYear()}-${day}`} ${clock(iso)}`
}

export const percent = (ratio: number | null, digits = 0) => (ratio == null ? '–' : (ratio * 100).toFixed(digits))

export const thousands = (n: number) => n.toLocaleString('en-US')

/** 事件|05|05 → 事件 05-05。 */
export function categoryCode(code: string): string {
  const [kind, major, minor] = code.split('|')
  return kind && major && minor ? `${kind} ${major}-${minor}` : code
}
