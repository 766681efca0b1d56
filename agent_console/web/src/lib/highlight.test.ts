import { expect, test } from 'vitest'
import type { SpanOut } from '@/api/types'
import { markWords, pieces } from './highlight'

const span = (start: number, text: string, kind: SpanOut['kind']): SpanOut => ({ start, end: start + text.length, text, kind })
const analysed = '文昌路上路面塌了个大坑'
const spans = [span(0, '文昌路', 'place'), span(4, '路面塌', 'category'), span(9, '大坑', 'category')]
const marked = (text: string) => pieces(text, spans, analysed).filter((p) => p.kind).map((p) => p.text)
const whole = (text: string) => pieces(text, spans, analysed).map((p) => p.text).join('')

test('unchanged text shows every reason word', () => expect(marked(analysed)).toEqual(['文昌路', '路面塌', '大坑']))
test('text typed at the end keeps the earlier words marked', () => expect(marked(`${analysed}，很深`)).toEqual(['文昌路', '路面塌', '大坑']))
test('words behind an insertion move with the text', () => expect(marked('文昌路上今早路面塌了个大坑')).toEqual(['文昌路', '路面塌', '大坑']))
test('a word that was cut by the edit loses its mark', () => expect(marked('文昌路上路面了个大坑')).toEqual(['文昌路', '大坑']))
test('the pieces always add up to the text', () => {
  for (const text of ['', '文', '文昌路上路面塌了个大坑大坑', '完全不同的话']) expect(whole(text)).toBe(text)
})
test('overlapping spans do not repeat characters', () => {
  const over = [span(4, '路面塌', 'category'), span(4, '路面', 'danger')]
  expect(pieces(analysed, over, analysed).map((p) => p.text).join('')).toBe(analysed)
})

test('shared words are marked wherever they stand, the longer before the shorter', () => {
  const parts = markWords('东门路灯不亮，路灯(坏)', ['路灯', '路灯不亮', '(坏)'])
  expect(parts.filter((p) => p.kind).map((p) => p.text)).toEqual(['路灯不亮', '路灯', '(坏)'])
  expect(parts.map((p) => p.text).join('')).toBe('东门路灯不亮，路灯(坏)')
  expect(markWords('无', [])).toEqual([{ text: '无', kind: '' }])
})
