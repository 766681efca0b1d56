import { expect, test } from 'vitest'
import { marked } from './marks'

test('words of the form are marked in what the citizen wrote, the longer one first', () => {
  const parts = marked('学府街口渣土车没盖', [
    { text: '渣土车', kind: 'category' },
    { text: '渣土车没盖', kind: 'category' },
    { text: '学府街口', kind: 'place' },
  ])
  expect(parts).toEqual([
    { text: '学府街口', kind: 'place' },
    { text: '渣土车没盖', kind: 'cat' },
  ])
})

test('marking neither adds nor loses a sign', () => {
  const text = '（急）3+2？a.b'
  expect(marked(text, [{ text: '3+2', kind: 'time' }, { text: 'a.b', kind: 'danger' }]).map((p) => p.text).join('')).toBe(text)
  expect(marked(text, [])).toEqual([{ text, kind: '' }])
})
