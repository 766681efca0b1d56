import { describe, expect, it } from 'vitest'
import { project, readAreas } from './geo'
import { alarmText, isStale, queueLevel, shareLevel } from './wall'

const calm = { waiting: 0, longest_s: 0, figures: [], hot_spots: [], telephony: true }

describe('what the wall shouts about', () => {
  it('is silent when nobody waits', () => {
    expect(alarmText(calm)).toBe('')
    expect(queueLevel(calm)).toBe('ok')
  })
  it('ignores an old longest wait when the queue is empty', () => {
    expect(queueLevel({ waiting: 0, longest_s: 300 })).toBe('ok')
  })
  it('warns past fifteen seconds and shouts past a minute', () => {
    expect(queueLevel({ waiting: 3, longest_s: 15 })).toBe('ok')
    expect(queueLevel({ waiting: 3, longest_s: 16 })).toBe('warn')
    expect(alarmText({ ...calm, waiting: 23, longest_s: 106 })).toContain('1:46')
  })
  it('puts a dead telephone system before everything else', () => {
    expect(alarmText({ ...calm, waiting: 9, longest_s: 600, telephony: false })).toContain('失联')
  })
  it('names the biggest hot spot once it is one', () => {
    expect(alarmText({ ...calm, hot_spots: [{ label: '路灯', count: 4 }] })).toBe('')
    expect(alarmText({ ...calm, hot_spots: [{ label: '路灯', count: 11 }, { label: '停水', count: 46 }] })).toContain('停水 46 件')
  })
})

it('does not call a missing figure a miss', () => {
  expect(shareLevel({ key: 'within_15s', value: null, target: 0.8 })).toBe('ok')
  expect(shareLevel({ key: 'within_15s', value: 0.71, target: 0.8 })).toBe('crit')
})

it('greys data after ten seconds, not before the first', () => {
  expect(isStale(1000, 10_999)).toBe(false)
  expect(isStale(1000, 11_001)).toBe(true)
  expect(isStale(0, 99_999)).toBe(false)
})

it('puts the city into the frame with north on top', () => {
  const square = (west: number, south: number) => [[[west, south], [west + 1, south], [west + 1, south + 1], [west, south + 1], [west, south]]]
  const areas = readAreas({
    features: [
      { properties: { name: '南' }, geometry: { type: 'Polygon', coordinates: square(0, 0) } },
      { properties: { name: '北' }, geometry: { type: 'Polygon', coordinates: square(0, 1) } },
      { properties: { name: '无' }, geometry: null },
    ],
  })
  const { shapes, point } = project(areas, 100, 100, 10)
  const [south, north] = shapes
  expect(shapes.map((s) => s.name)).toEqual(['南', '北'])
  expect(north!.y).toBeLessThan(south!.y)
  expect(point(0, 2).y).toBeCloseTo(10)
  expect(point(0, 0).y).toBeCloseTo(90)
})
