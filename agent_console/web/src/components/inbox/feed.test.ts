import { expect, test } from 'vitest'
import type { ConversationOut } from '@/api/types'
import { toReport, touched } from '@/lib/reportForm'
import { append, feed, formFor, placeOf, unfed } from './feed'

const talk = (given: Partial<ConversationOut> = {}): ConversationOut =>
  ({
    row: { id: 'c1', channel: 'wechat', who: '周先生', tab: 'reply', seat: '1027' },
    contact_id: 'k1',
    number: '139****4410',
    pending: null,
    facts: '渣土车没盖',
    place: '',
    lat: null,
    lon: null,
    ...given,
  }) as ConversationOut

test('the form begins with what the citizen said', () => {
  const form = formFor(talk({ place: '学府街', lat: 28.5, lon: 118.5 }), 'c1', 0)
  expect(form).toMatchObject({ conversationId: 'c1', channel: 'wechat', contactId: 'k1', phoneShown: '139****4410', callerName: '周先生', content: '渣土车没盖' })
  expect(form.place).toMatchObject({ label: '学府街', lat: 28.5, lon: 118.5 })
  expect(toReport(form, { decision: 'case' }, '').conversation_id).toBe('c1')
})

test('what a conversation filled in is nobody’s work yet: no draft is made of it', () => {
  const form = formFor(talk({ place: '学府街' }), 'c1', 0)
  expect(touched(form)).toBe(false)
  form.content += '，扬尘大'
  expect(touched(form)).toBe(true)
})

test('the report that the citizen entered fills the form and lends its number', () => {
  const pending = { number: '20261120-0148', content: '土撒了一路', place: '石榴巷', lat: null, lon: null, category: '', phone: '139****4410', name: '周正' }
  const form = formFor(talk({ facts: '', pending }), 'c1', 0)
  expect(form).toMatchObject({ pendingNumber: '20261120-0148', content: '土撒了一路', callerName: '周正' })
  expect(toReport(form, { decision: 'case' }, '').completes).toBe('20261120-0148')
  expect(form.place.label).toBe('石榴巷')
})

test('new facts take the place of old ones that nobody touched', () => {
  const form = formFor(talk(), 'c1', 0)
  feed(form, talk({ facts: '渣土车没盖，每天八点', place: '学府街' }))
  expect(form.content).toBe('渣土车没盖，每天八点')
  expect(form.place.label).toBe('学府街')
})

test('what the seat typed is never overwritten; the rest is offered', () => {
  const form = formFor(talk({ place: '学府街' }), 'c1', 0)
  form.content = '市民反映渣土车未密闭'
  form.place = { label: '石榴巷 8 号', lat: null, lon: null, radius_m: null, grid: '' }
  const more = talk({ facts: '渣土车没盖，每天八点', place: '文昌路' })
  feed(form, more)
  expect(form.content).toBe('市民反映渣土车未密闭')
  expect(form.place.label).toBe('石榴巷 8 号')
  expect(unfed(form, more)).toBe('每天八点')
  append(form, more)
  expect(form.content).toBe('市民反映渣土车未密闭；每天八点')
  expect(unfed(form, more)).toBe('')
})

test('a content that the seat emptied stays empty', () => {
  const form = formFor(talk(), 'c1', 0)
  form.content = ''
  feed(form, talk({ facts: '渣土车没盖，每天八点' }))
  expect(form.content).toBe('')
})

test('a masked number or address is no name; the name behind the channel is', () => {
  const who = (text: string) => formFor(talk({ row: { ...talk().row, who: text } }), 'c1', 0).callerName
  expect([who('137****2290'), who('z***@example.cn'), who('微信用户'), who('网页访客·吴女士')]).toEqual(['', '', '', '吴女士'])
})

test('a point without a name is called by its grid, or by its place on earth', () => {
  const point = { lat: 28.5061, lon: 118.5042 }
  expect(placeOf({ ...point, place: '学府街口' }, '网格 11').label).toBe('学府街口')
  expect(placeOf({ ...point, place: '' }, '网格 11').label).toBe('网格 11内')
  expect(placeOf({ ...point, place: '' }, '').label).toBe('位置 28.50610, 118.50420')
})
