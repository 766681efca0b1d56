import { expect, test } from 'vitest'
import type { ConditionOut, SuggestReply } from '@/api/types'
import { acceptCategory, acceptPlace, adoptKind, emptyForm, missing, missingForJoin, missingForOther, phoneFault, toReport, touched, suggested } from './reportForm'

const conditions: ConditionOut[] = [
  { no: 1, text: '影响通行', limit: '2 紧急工作时' },
  { no: 2, text: '不影响通行', limit: '5 工作日' },
]
const reply = {
  categories: [{ code: '事件|05|05', name: '路面塌陷', confidence: 0.86, because: ['大坑'], limit: '2 紧急工作时' }],
  places: [{ label: '文昌路口', lat: 28.5, lon: 118.5, radius_m: 15, grid_label: '实验社区' }],
  urgency: 'urgent',
  appeal: 'help',
  version: 'v37',
} as unknown as SuggestReply

const fields = (form = emptyForm('k', 0)) => missing(form, conditions).map((m) => m.field)

test('an empty form lacks what a work order needs, from top to bottom', () => {
  expect(fields()).toEqual(['appeal', 'urgency', 'content', 'category', 'place'])
})

test('two keys and the text leave only the condition, which sets the limit', () => {
  const form = emptyForm('k', 0)
  form.content = '路口塌了一个大坑没有围挡'
  acceptCategory(form, reply, 0)
  acceptPlace(form, reply, 0)
  expect(fields(form)).toEqual(['condition'])
})

test('what was on the form goes with it: version, classes and places with their confidences', () => {
  expect(suggested(null)).toEqual({})
  expect(suggested({ ...reply, places: [{ ...reply.places[0]!, confidence: 0.9 }] })).toEqual({
    version: 'v37',
    categories: [{ code: '事件|05|05', confidence: 0.86 }],
    places: [{ label: '文昌路口', confidence: 0.9 }],
  })
})

test('accepting a category does not overwrite what the seat chose', () => {
  const form = emptyForm('k', 0)
  form.appeal = 'complaint'
  acceptCategory(form, reply, 0)
  expect([form.appeal, form.urgency]).toEqual(['complaint', 'urgent'])
})

test('another category forgets the condition of the one before', () => {
  const form = emptyForm('k', 0)
  Object.assign(form, { category: '事件|01|13', conditionNo: 2 })
  acceptCategory(form, reply, 0)
  expect(form.conditionNo).toBeNull()
})

test('a direct answer needs only type and text', () => {
  expect(missingForOther(emptyForm('k', 0)).map((m) => m.field)).toEqual(['appeal', 'content'])
})

test('a wrong phone number says how many digits were typed', () => {
  expect(phoneFault('1385526')).toContain('您填了 7 位')
  expect([phoneFault(''), phoneFault('13800005526'), phoneFault('0577-88812345')]).toEqual(['', '', ''])
})

test('the report carries the same client key however often it is sent', () => {
  const form = emptyForm('k', 0)
  const [first, second] = [toReport(form, { decision: 'case' }, '题'), toReport(form, { decision: 'case' }, '题')]
  expect(first.client_key).toBe(second.client_key)
  expect(first.title).toBe('题')
  expect(first.phone).toBe('')
})

test('a form that only shows the caller is not worth keeping', () => {
  const form = emptyForm('k', 0)
  form.callerName = '王女士'
  expect(touched(form)).toBe(false)
  form.content = '路'
  expect(touched(form)).toBe(true)
})

test('joining needs no class and no long text: the case has them; a wrong number is still asked about', () => {
  const form = emptyForm('k', 0)
  form.content = '路灯坏了'
  expect(missingForJoin(form)).toEqual([])
  form.phone = '138'
  expect(missingForJoin(form).map((m) => m.field)).toEqual(['phone'])
  adoptKind(form, reply)
  expect([form.appeal, form.urgency, form.category]).toEqual(['help', 'urgent', ''])
})
