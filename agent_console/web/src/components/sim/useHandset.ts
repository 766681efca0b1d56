// 一个号码的短信往来；号码只留在这个标签页里。
import { onUnmounted, reactive, ref, watch } from 'vue'
import { get, post, sentence } from '@/api/client'
import type { SimulatedHandset } from '@/api/types'
import { useLive } from '@/lib/useLive'

const KEY = 'simulator.number'
const EVERY_MS = 4000
export const MOBILE = /^1\d{10}$/

/** 第一次打开给一个虚构的号码，不用先想一个。 */
const invented = (): string => `1380000${String(Math.floor(Math.random() * 10_000)).padStart(4, '0')}`

export function useHandset() {
  const number = ref(sessionStorage.getItem(KEY) ?? invented())
  const data = reactive({ handset: null as SimulatedHandset | null, loading: false, error: '', busy: false })

  async function load(): Promise<void> {
    const asked = number.value
    if (!MOBILE.test(asked)) return void (data.handset = null)
    data.loading = data.handset?.number !== asked
    try {
      const reply = await get<SimulatedHandset>(`/simulator/handsets/${asked}`)
      if (asked !== number.value) return
      Object.assign(data, { handset: reply, error: '' })
    } catch (error) {
      data.error = sentence(error)
    } finally {
      data.loading = false
    }
  }

  async function reply(text: string): Promise<void> {
    data.busy = true
    try {
      await post('/simulator/replies', { number: number.value, text })
      await load()
    } catch (error) {
      data.error = sentence(error)
    } finally {
      data.busy = false
    }
  }

  watch(number, (value) => {
    sessionStorage.setItem(KEY, value)
    void load()
  }, { immediate: true })
  useLive('handset.changed', (event) => void (event.number === number.value && load()))
  useLive('reset', load)
  const timer = window.setInterval(() => document.hidden || void load(), EVERY_MS)
  onUnmounted(() => window.clearInterval(timer))
  return { number, data, load, reply }
}
