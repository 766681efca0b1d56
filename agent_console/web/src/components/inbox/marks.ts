// 表单里认出来的依据词，在市民原话里用同样的底色标出。
import type { SpanOut } from '@/api/types'
import type { Piece } from '@/lib/highlight'

export type Word = Pick<SpanOut, 'text' | 'kind'>

const CLASS = { category: 'cat', place: 'place', danger: 'risk', time: 'time' } as const

/** 长的词优先；各段连起来恰好是 `text`。 */
export function marked(text: string, words: readonly Word[]): Piece[] {
  const kinds = new Map(words.filter((w) => w.text).map((w) => [w.text, CLASS[w.kind]]))
  if (!kinds.size) return [{ text, kind: '' }]
  const wanted = [...kinds.keys()].sort((a, b) => b.length - a.length).map((w) => w.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return text.split(new RegExp(`(${wanted.join('|')})`)).filter(Boolean).map((part) => ({ text: part, kind: kinds.get(part) ?? '' }))
}
