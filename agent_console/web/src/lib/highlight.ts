// 把建议里的依据词落到正在编辑的文本上。
import type { SpanOut } from '@/api/types'

export interface Piece {
  text: string
  kind: '' | 'cat' | 'place' | 'risk' | 'time'
}

/** 文中出现这些词的地方，长的词优先；各段连起来恰好是 `text`。 */
export function markWords(text: string, words: readonly string[]): Piece[] {
  const wanted = [...words].sort((a, b) => b.length - a.length).map((w) => w.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  if (!wanted.length) return [{ text, kind: '' }]
  return text.split(new RegExp(`(${wanted.join('|')})`)).map((part, i): Piece => ({ text: part, kind: i % 2 ? 'cat' : '' })).filter((part) => part.text)
}

const CLASS = { category: 'cat', place: 'place', danger: 'risk', time: 'time' } as const

function common(a: string, b: string, at: (s: string, i: number) => string | undefined): number {
  const most = Math.min(a.length, b.length)
  let n = 0
  while (n < most && at(a, n) === at(b, n)) n++
  return n
}

/**
 * `spans` 按 `analysed` 计算，`text` 可能已改：改动处之前的词原位，之后的词平移，跨改动的词去掉。
 * 返回的各段连起来恰好是 `text`。
 */
export function pieces(text: string, spans: SpanOut[], analysed: string): Piece[] {
  const head = common(analysed, text, (s, i) => s[i])
  const tail = Math.min(common(analysed, text, (s, i) => s[s.length - 1 - i]), Math.min(analysed.length, text.length) - head)
  const shift = text.length - analysed.length
  const out: Piece[] = []
  let at = 0
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const moved = span.end <= head ? 0 : span.start >= analysed.length - tail ? shift : null
    if (moved === null || span.start + moved < at) continue
    if (span.start + moved > at) out.push({ text: text.slice(at, span.start + moved), kind: '' })
    out.push({ text: text.slice(span.start + moved, span.end + moved), kind: CLASS[span.kind] })
    at = span.end + moved
  }
  if (at < text.length) out.push({ text: text.slice(at), kind: '' })
  return out
}
