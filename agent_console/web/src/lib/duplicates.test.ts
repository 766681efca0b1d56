import { expect, test } from 'vitest'
import type { DuplicateOut } from '@/api/types'
import { age, away, joinKey, reasons, rowsFor, shared, since } from './duplicates'

const lamp: DuplicateOut = {
  case_number: '20261120-0001', title: '望湖花园东门路灯不亮', state: 'handling', distance_m: 142, age_s: 7_300, reporters: 2,
  score: 0.72, same_caller: false, same_category: true, category_name: '路灯', place: '望湖花园东门', same: ['路灯不亮'],
}

test('each listed case has a key of its own, after those of class and place', () => {
  expect([0, 1, 2].map(joinKey)).toEqual(['Alt+J', 'Alt+8', 'Alt+9'])
})

test('a low screen lists fewer, so that no field of the form is pushed out', () => {
  expect([1080, 768, 640].map(rowsFor)).toEqual([3, 2, 1])
})

test('a distance is not more exact than the map', () => {
  expect([null, 8, 142, 996, 1_240].map(away)).toEqual(['', '同一地点', '140 米', '1000 米', '1.2 公里'])
})

test('what is the same is said, the caller first, and another class by its name', () => {
  expect(reasons(lamp)).toEqual(['同类', '140 米'])
  expect(reasons({ ...lamp, same_caller: true, same_category: false, distance_m: null })).toEqual(['同一来电人', '路灯'])
  expect(since(lamp)).toBe('2 小时前·2 人反映')
  expect(since({ ...lamp, reporters: 1 })).toBe('2 小时前')
})

test('an age has one unit', () => {
  expect([30, 90, 5_000, 250_000].map(age)).toEqual(['刚刚', '1 分钟前', '1 小时前', '2 天前'])
})

test('words that both say are marked in the title, the longest that it lacks stands beside it', () => {
  const { title, beside } = shared({ ...lamp, same: ['晚上黑漆漆', '路灯不亮', '看不见'] })
  expect(title.filter((part) => part.kind).map((part) => part.text)).toEqual(['路灯不亮'])
  expect(beside).toBe('晚上黑漆漆')
})
