// 大屏的数据：有变化就取，没变化五秒也取一次；取不到就让人看见是几点的数。
import { onUnmounted, reactive } from 'vue'
import { get, sentence } from '@/api/client'
import type { Wall } from '@/api/types'
import { useLive } from '@/lib/useLive'
import { type Area, readAreas } from './geo'

const EVERY_MS = 5000
const GAP_MS = 1000 // 来电密集时一通电话有十来次变化，每秒至多取一次
const MAP_RETRY_MS = 30_000

export function useWall() {
  const data = reactive({ wall: null as Wall | null, readAt: 0, error: '', areas: [] as Area[] })
  let running = false

  async function load(): Promise<void> {
    if (running) return
    running = true
    try {
      data.wall = await get<Wall>('/wall')
      data.readAt = Date.now()
      data.error = ''
    } catch (error) {
      data.error = sentence(error)
    } finally {
      running = false
    }
  }

  let due = 0
  function changed(): void {
    due ||= window.setTimeout(() => {
      due = 0
      void load()
    }, Math.max(0, data.readAt + GAP_MS - Date.now()))
  }

  let again = 0
  async function loadMap(): Promise<void> {
    try {
      data.areas = readAreas(await get('/map/districts'))
    } catch {
      again = window.setTimeout(loadMap, MAP_RETRY_MS) // 没有图时数字照看
    }
  }

  void load()
  void loadMap()
  useLive('wall.changed', changed)
  useLive('queues.changed', changed)
  useLive('reset', load)
  const timer = window.setInterval(load, EVERY_MS)
  onUnmounted(() => {
    window.clearInterval(timer)
    window.clearTimeout(again)
    window.clearTimeout(due)
  })
  return data
}
