import { expect, test } from 'vitest'
import { composing, dispatch, keyName, pushLayer } from './hotkeys'

const key = (init: KeyboardEventInit) => new KeyboardEvent('keydown', { cancelable: true, ...init })

test('keys have the name that is printed on the button', () => {
  expect(keyName(key({ key: 'F2', code: 'F2' }))).toBe('F2')
  expect(keyName(key({ key: 'Enter', code: 'Enter', ctrlKey: true }))).toBe('Ctrl+Enter')
  expect(keyName(key({ key: '/', code: 'Slash', ctrlKey: true }))).toBe('Ctrl+/')
})

test('Alt with a digit or letter is the physical key, whatever character the layout makes of it', () => {
  expect(keyName(key({ key: '¡', code: 'Digit1', altKey: true }))).toBe('Alt+1')
  expect(keyName(key({ key: 'µ', code: 'KeyM', altKey: true }))).toBe('Alt+M')
})

test('while an input method composes no hotkey fires', () => {
  let fired = 0
  const pop = pushLayer({ 'Alt+1': () => void fired++, Enter: () => void fired++ })
  dispatch(key({ key: '1', code: 'Digit1', altKey: true, isComposing: true }))
  dispatch(key({ key: 'Enter', code: 'Enter', keyCode: 229 }))
  expect(fired).toBe(0)
  expect(composing(key({ key: 'a', isComposing: true }))).toBe(true)
  pop()
})

test('the layer opened last goes first, and may pass a key on', () => {
  const heard: string[] = []
  const lower = pushLayer({ Escape: () => void heard.push('page'), F3: () => void heard.push('hang up') })
  const upper = pushLayer({ Escape: () => void heard.push('dialog'), F3: () => false })
  dispatch(key({ key: 'Escape', code: 'Escape' }))
  dispatch(key({ key: 'F3', code: 'F3' }))
  upper()
  dispatch(key({ key: 'Escape', code: 'Escape' }))
  lower()
  expect(heard).toEqual(['dialog', 'hang up', 'page'])
})

test('a handled key does not do what the browser would do', () => {
  const pop = pushLayer({ 'Ctrl+S': () => {} })
  const save = key({ key: 's', code: 'KeyS', ctrlKey: true })
  const other = key({ key: 'p', code: 'KeyP', ctrlKey: true })
  dispatch(save)
  dispatch(other)
  pop()
  expect([save.defaultPrevented, other.defaultPrevented]).toEqual([true, false])
})
