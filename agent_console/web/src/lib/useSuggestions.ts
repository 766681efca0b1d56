// 边打边建议：停 250 毫秒才问；组词时不问；新问题发出就作废旧的回答。
import { onUnmounted, reactive, watch } from 'vue'
import { post, sentence } from '@/api/client'
import type { SuggestReply, SuggestRequest } from '@/api/types'
import type { ReportForm } from './reportForm'

export const PAUSE_MS = 250
const MIN_LENGTH = 4

type Ask = (request: SuggestRequest, signal: AbortSignal) => Promise<SuggestReply>
const service: Ask = (request, signal) => post<SuggestReply>('/suggestions', request, signal)

export interface Suggestions {
  reply: SuggestReply | null
  forText: string // 这份建议是按哪段文字算的
  busy: boolean
  failed: string
  composing: boolean
}

export function useSuggestions(form: () => ReportForm, ask: Ask = service): Suggestions {
  const state: Suggestions = reactive({ reply: null, forText: '', busy: false, failed: '', composing: false })
  let timer: ReturnType<typeof setTimeout> | undefined
  let pending: AbortController | undefined

  async function run(): Promise<void> {
    pending?.abort()
    const mine = (pending = new AbortController())
    const f = form()
    state.busy = true
    try {
      const text = f.content
      const reply = await ask({ text, contact_id: f.contactId, category: f.category, place: f.place.label, lat: f.place.lat, lon: f.place.lon, radius_m: f.place.radius_m }, mine.signal)
      if (!mine.signal.aborted) Object.assign(state, { reply, forText: text, failed: '' })
    } catch (error) {
      if (!mine.signal.aborted) state.failed = sentence(error)
    } finally {
      if (mine === pending) state.busy = false
    }
  }

  function later(): void {
    clearTimeout(timer)
    if (state.composing) return
    if (form().content.trim().length < MIN_LENGTH) return forget()
    timer = setTimeout(() => void run(), PAUSE_MS)
  }

  function forget(): void {
    pending?.abort()
    Object.assign(state, { reply: null, forText: '', busy: false })
  }

  watch(() => [form().key, form().content, form().category, form().place.label, form().place.lat, form().place.lon, state.composing], later, { immediate: true })
  watch(() => form().key, forget)
  onUnmounted(() => {
    clearTimeout(timer)
    pending?.abort()
  })
  return state
}
