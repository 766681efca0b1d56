import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Live } from './live'

class FakeSource {
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  closed = false
  listeners = new Map<string, (event: MessageEvent<string>) => void>()
  constructor(readonly address: string) {}
  addEventListener = (kind: string, f: (event: MessageEvent<string>) => void) => void this.listeners.set(kind, f)
  close = () => void (this.closed = true)
  tell = (kind: string, data: unknown, id: string) => this.listeners.get(kind)?.({ data: JSON.stringify(data), lastEventId: id } as MessageEvent<string>)
}

let opened: FakeSource[]
let live: Live

beforeEach(() => {
  vi.useFakeTimers()
  opened = []
  live = new Live((address) => {
    opened.push(new FakeSource(address))
    return opened.at(-1) as unknown as EventSource
  })
})
afterEach(() => vi.useRealTimers())

test('listeners get the parsed data of their kind only', () => {
  const heard: string[] = []
  live.on('case.changed', (data) => heard.push(data.number))
  live.start()
  opened[0]!.tell('case.changed', { number: '20261120-0001', state: 'closed' }, '7')
  opened[0]!.tell('work.changed', {}, '8')
  expect(heard).toEqual(['20261120-0001'])
})

test('after a break it asks for what came after the last event heard', () => {
  live.start()
  opened[0]!.tell('work.changed', {}, '41')
  opened[0]!.onerror!()
  expect(live.state.connected).toBe(false)
  vi.advanceTimersByTime(500)
  expect(opened.map((s) => s.address)).toEqual(['/api/live', '/api/live?last=41'])
  opened[1]!.onopen!()
  expect(live.state.connected).toBe(true)
})

test('it tries again more and more slowly, and quickly after a success', () => {
  live.start()
  opened[0]!.onerror!()
  vi.advanceTimersByTime(500)
  opened[1]!.onerror!()
  vi.advanceTimersByTime(999)
  expect(opened).toHaveLength(2)
  vi.advanceTimersByTime(1)
  opened[2]!.onopen!()
  opened[2]!.onerror!()
  vi.advanceTimersByTime(500)
  expect(opened).toHaveLength(4)
})

test('an event that cannot be replayed makes the pages fetch everything', () => {
  let resets = 0
  live.on('reset', () => resets++)
  live.start()
  opened[0]!.tell('reset', {}, '90')
  expect(resets).toBe(1)
})

test('stopping closes the connection and forgets the retry', () => {
  live.start()
  opened[0]!.onerror!()
  live.stop()
  vi.advanceTimersByTime(60_000)
  expect(opened).toHaveLength(1)
})
