import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createApp, h, nextTick, reactive } from 'vue'
import type { SuggestReply, SuggestRequest } from '@/api/types'
import { emptyForm } from './reportForm'
import { PAUSE_MS, useSuggestions, type Suggestions } from './useSuggestions'

const form = reactive(emptyForm('k', 0))
let asked: { text: string; signal: AbortSignal; reply: (r: SuggestReply) => void }[]
let s: Suggestions
let stop: () => void

const ask = (request: SuggestRequest, signal: AbortSignal) => new Promise<SuggestReply>((reply) => asked.push({ text: request.text, signal, reply }))
const wait = async (ms: number) => {
  await nextTick()
  await vi.advanceTimersByTimeAsync(ms)
}

beforeEach(() => {
  vi.useFakeTimers()
  asked = []
  Object.assign(form, emptyForm('k', 0))
  const app = createApp({
    setup: () => {
      s = useSuggestions(() => form, ask)
      return () => h('i')
    },
  })
  app.mount(document.createElement('div'))
  stop = () => app.unmount()
})
afterEach(() => {
  stop()
  vi.useRealTimers()
})

test('a question is asked once typing rests', async () => {
  for (const text of ['路面', '路面塌', '路面塌了', '路面塌了坑']) {
    form.content = text
    await wait(100)
  }
  expect(asked).toHaveLength(0)
  await wait(PAUSE_MS)
  expect(asked.map((a) => a.text)).toEqual(['路面塌了坑'])
})

test('while an input method composes nothing is asked, and at its end once', async () => {
  s.composing = true
  form.content = '路面tanxian'
  await wait(1000)
  expect(asked).toHaveLength(0)
  form.content = '路面塌陷'
  s.composing = false
  await wait(PAUSE_MS)
  expect(asked.map((a) => a.text)).toEqual(['路面塌陷'])
})

test('a stale reply is thrown away', async () => {
  form.content = '路面塌了'
  await wait(PAUSE_MS)
  form.content = '路灯不亮'
  await wait(PAUSE_MS)
  expect(asked[0]!.signal.aborted).toBe(true)
  asked[1]!.reply({ title: '新' } as SuggestReply)
  asked[0]!.reply({ title: '旧' } as SuggestReply)
  await wait(0)
  expect([s.reply?.title, s.forText]).toEqual(['新', '路灯不亮'])
})
