// 一个号码的短信往来；号码只留在这个标签页里。
import { onUnmounted, reactive, ref, watch } from 'vue'
import { post, sentence } from '@/api/client'
import type { SimulatedHandset } from '@/api/types'
import { useLive } from '@/lib/useLive'

const KEY = 'simulator.number'
const EVERY_MS = 4000
export const MOBILE = /^1\d{10}$/

/** 第一次打开就是演示城市里的王女士，不用先想一个号码。 */
const KNOWN = '13800005526'

export function useHandset() {
  const number = ref(sessionStorage.getItem(KEY) ?? KNOWN)
  const data = reactive({ handset: null as SimulatedHandset | null, loading: false, error: '', busy: false })

  async function load(): Promise<void> {
    const asked = number.value
    if (!MOBILE.test(asked)) return void (data.handset = null)
    data.loading = data.handset?.number !== asked
    try {
      const reply = await post<SimulatedHandset>('/simulator/handset', { number: asked })
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
  useLive('handset.changed', load)
  useLive('reset', load)
  const timer = window.setInterval(() => document.hidden || void load(), EVERY_MS)
  onUnmounted(() => window.clearInterval(timer))
  return { number, data, load, reply }
}
