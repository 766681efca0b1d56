// 大屏的数据：有变化就取，没变化五秒也取一次；取不到就让人看见是几点的数。
import { onUnmounted, reactive } from 'vue'
import { get, sentence } from '@/api/client'
import type { Wall } from '@/api/types'
import { useLive } from '@/lib/useLive'
import { type Area, readAreas } from './geo'

const EVERY_MS = 5000
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
  useLive('wall.changed', load)
  useLive('queues.changed', load)
  useLive('reset', load)
  const timer = window.setInterval(load, EVERY_MS)
  onUnmounted(() => {
    window.clearInterval(timer)
    window.clearTimeout(again)
  })
  return data
}
