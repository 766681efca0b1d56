import { expect, test } from 'vitest'
import type { CategoryNode, ClassEffect, EffectOut } from '@/api/types'
import { axisFrom, classRows, findRows, marks, points, signed, weightFor } from './ruleLab'

const node = (code: string, name: string): CategoryNode => {
  const [kind = '', major = '', minor = ''] = code.split('|')
  return { code, kind, major, minor, name, major_name: '', sure: 'high' }
}
const nodes = [node('部件|01|37', '路灯'), node('事件|05|05', '路面塌陷'), node('事件|01|13', '道路破损')]
const figures = (code: string, reports: number, more: Partial<ClassEffect> = {}): ClassEffect => ({
  code, reports, precision_before: 0.9, precision: 0.9, recall_before: 0.9, recall: 0.9, ...more,
})
const effect = (...classes: ClassEffect[]) => ({ classes }) as EffectOut

test('classes with most reports stand first, none of these and all classes last', () => {
  const rows = classRows(nodes, effect(figures('事件|05|05', 20), figures('事件|01|13', 40)))
  expect(rows.map((r) => r.name)).toEqual(['道路破损', '路面塌陷', '路灯（部件）', '都不是', '全部类目（通用排除）'])
})

test('a class is low only when there are enough reports to say so', () => {
  const rows = classRows(nodes, effect(figures('事件|05|05', 2, { recall: 0 }), figures('事件|01|13', 9, { recall: 0.5 })))
  expect(rows.filter((r) => r.low).map((r) => r.name)).toEqual(['道路破损'])
})

test('the change shown is the greater of the two, in points', () => {
  const [row] = classRows(nodes, effect(figures('事件|05|05', 20, { precision: 0.921, recall: 0.88 })))
  expect(row!.delta).toBe(2.1)
  expect([points(null, 1), signed(2.1), signed(-0.3), signed(0)]).toEqual([0, '+2.1', '−0.3', '不变'])
})

test('classes are found by name and by number', () => {
  const rows = classRows(nodes, null)
  expect(findRows(rows, '塌').map((r) => r.code)).toEqual(['事件|05|05'])
  expect(findRows(rows, '01-37').map((r) => r.name)).toEqual(['路灯（部件）'])
})

test('changed words are marked in the text, parts and alternatives one by one', () => {
  expect(marks('门口井盖被人偷了', ['井盖…丢|偷'])).toEqual([
    { text: '门口', on: false }, { text: '井盖', on: true }, { text: '被人', on: false }, { text: '偷', on: true }, { text: '了', on: false },
  ])
  expect(marks('没有', ['<坏>…']).map((m) => m.text).join('')).toBe('没有')
})

test('the weight follows the kind', () => {
  expect([weightFor('排除项', 2), weightFor('无关词', 2), weightFor('同义词', -2.6), weightFor('同义词', 0)]).toEqual([-2, 0, 2.6, 2.6])
})

test('the axis leaves room below the worst class', () => {
  expect([axisFrom([0.93, 0.71]), axisFrom([0.99]), axisFrom([])]).toEqual([0.7, 0.8, 0.8])
})
