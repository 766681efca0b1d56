import { expect, test } from 'vitest'
import { asksForCanned, findCanned, insertAt, lengthText, MAX_PICTURE, notYet, pictureFault, sends } from './composing'

const key = (init: KeyboardEventInit & { keyCode?: number } = {}) => new KeyboardEvent('keydown', { key: 'Enter', ...init })
const free = { quota_left: null }
const written = { text: '好的', closing: false, picture: '' as const }

test('Enter sends, Shift+Enter starts a line, Ctrl+Enter belongs to the form', () => {
  expect(sends(key())).toBe(true)
  expect(sends(key({ shiftKey: true }))).toBe(false)
  expect(sends(key({ ctrlKey: true }))).toBe(false)
  expect(sends(key({ altKey: true }))).toBe(false)
})

test('Enter that picks a word of the input method sends nothing', () => {
  expect(sends(key({ isComposing: true }))).toBe(false)
  expect(sends(key({ keyCode: 229 }))).toBe(false)
})

test('a slash on an empty field asks for canned texts, also as Chinese punctuation writes it', () => {
  expect(['/', '、', '／'].every(asksForCanned)).toBe(true)
  expect(asksForCanned('3/4')).toBe(false)
})

test('canned texts are found by title first, then by their words', () => {
  const all = [
    { id: '1', title: '何时答复', text: '五个工作日' },
    { id: '2', title: '五险', text: '请拨 12333' },
  ]
  expect(findCanned(all, '五').map((x) => x.id)).toEqual(['2', '1'])
  expect(findCanned(all, '').map((x) => x.id)).toEqual(['1', '2'])
  expect(findCanned(all, '五 工作日').map((x) => x.id)).toEqual(['1'])
})

test('nothing is sent that is empty, too long, or waits for its picture', () => {
  expect(notYet(free, written)).toBe('')
  expect(notYet(free, { ...written, text: ' \n' })).toBe('还没有写内容')
  expect(notYet(free, { ...written, text: '', picture: 'ready' })).toBe('')
  expect(notYet(free, { ...written, picture: 'uploading' })).toContain('上传')
  expect(notYet(free, { ...written, text: 'x'.repeat(2001) })).toContain('2000')
})

test('the last message of the quota is kept for the closing answer', () => {
  expect(notYet({ quota_left: 1 }, written)).toContain('末条')
  expect(notYet({ quota_left: 1 }, { ...written, closing: true })).toBe('')
  expect(notYet({ quota_left: 2 }, written)).toBe('')
})

test('a picture that cannot go says why', () => {
  expect(pictureFault('wechat', { type: 'image/jpeg', size: 1000 })).toBe('')
  expect(pictureFault('sms', { type: 'image/jpeg', size: 1000 })).toContain('短信')
  expect(pictureFault('web', { type: 'image/heic', size: 1000 })).toContain('JPG')
  expect(pictureFault('web', { type: 'image/png', size: MAX_PICTURE + 1 })).toContain('10 MB')
})

test('a text goes where the cursor is and takes the place of what is selected', () => {
  expect(insertAt('您好！', 2, 2, '周先生')).toEqual({ text: '您好周先生！', caret: 5 })
  expect(insertAt('您好！', 0, 3, '再见')).toEqual({ text: '再见', caret: 2 })
})

test('signs are counted only when they run short', () => {
  expect(lengthText('短')).toBe('')
  expect(lengthText('x'.repeat(1950))).toBe('1950/2000')
})
