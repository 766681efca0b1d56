// 大屏的判断：哪个数字变红、要不要出告警、数据算不算旧。纯函数，时间由外面给。
import { talk } from '@/lib/format'

export interface WallFigure {
  key: string
  value: number | null
  target: number | null
}
export interface WallNow {
  waiting: number
  longest_s: number
  figures: readonly WallFigure[]
  hot_spots: readonly { label: string; count: number }[]
  telephony: boolean
}

/** 15 秒是国标，一分钟还没人接就要有人动手。 */
const STANDARD_S = 15
const ALARM_S = 60
const HOT_COUNT = 10
/** 超过这么久没有新数据，数字变灰并写明时间。 */
export const STALE_MS = 10_000

export type Level = 'ok' | 'warn' | 'crit'

export const figureOf = (wall: Pick<WallNow, 'figures'>, key: string): WallFigure =>
  wall.figures.find((f) => f.key === key) ?? { key, value: null, target: null }

export function queueLevel(wall: Pick<WallNow, 'waiting' | 'longest_s'>): Level {
  if (!wall.waiting || wall.longest_s <= STANDARD_S) return 'ok'
  return wall.longest_s > ALARM_S ? 'crit' : 'warn'
}

export function shareLevel(figure: WallFigure): Level {
  if (figure.value == null || figure.target == null || figure.value >= figure.target) return 'ok'
  return 'crit'
}

/** 一句话：发生了什么、现在怎么办。没有要动手的事就没有告警。 */
export function alarmText(wall: WallNow): string {
  if (!wall.telephony) return '电话系统失联：来电仍在排队，请值班长查看线路'
  if (queueLevel(wall) === 'crit') return `已有市民等了 ${talk(wall.longest_s)}：整理完的、示忙的请转示闲`
  const hot = [...wall.hot_spots].sort((a, b) => b.count - a.count)[0]
  if (hot && hot.count >= HOT_COUNT) return `${hot.label} ${hot.count} 件：先告知已在处理，再并单`
  return ''
}

export const isStale = (readAt: number, now: number): boolean => readAt > 0 && now - readAt > STALE_MS

const WEEKDAYS = '日一二三四五六'
export function wallDate(now: Date): { date: string; time: string } {
  const pad = (n: number): string => String(n).padStart(2, '0')
  return {
    date: `${now.getMonth() + 1} 月 ${now.getDate()} 日 周${WEEKDAYS[now.getDay()]}`,
    time: `${pad(now.getHours())}:${pad(now.getMinutes())}`,
  }
}
