// 实时事件只说什么变了，内容再取；断线自动重连，用 Last-Event-ID 补发；补不上时服务器发 reset，各页整个重取。
import { reactive } from 'vue'

interface PositionTold {
  id: string
  call_id: string
  conversation_id: string
}

export interface LiveEvents {
  reset: Record<string, never>
  'seat.changed': { seat: string }
  'call.ringing': { call_id: string }
  'call.answered': { call_id: string }
  'call.ended': { call_id: string }
  'queues.changed': Record<string, never>
  'wall.changed': Record<string, never>
  'case.changed': { number: string; state: string }
  'work.changed': Record<string, never>
  'message.changed': { case_number: string }
  'handset.changed': Record<string, never>
  'rules.changed': { version: number }
  'inbox.changed': { id: string }
  'inbox.alarm': { id: string }
  'position.opened': PositionTold
  'position.arrived': PositionTold & { lat: number; lon: number; accuracy: number }
  'position.photo': PositionTold & { file: string }
  'position.over': PositionTold
}

type Kind = keyof LiveEvents
type Listener<K extends Kind> = (data: LiveEvents[K]) => void

const KINDS: Kind[] = [
  'reset',
  'seat.changed',
  'call.ringing',
  'call.answered',
  'call.ended',
  'queues.changed',
  'wall.changed',
  'case.changed',
  'work.changed',
  'message.changed',
  'handset.changed',
  'rules.changed',
  'inbox.changed',
  'inbox.alarm',
  'position.opened',
  'position.arrived',
  'position.photo',
  'position.over',
]
const RETRY_MS = [500, 1000, 2000, 4000, 8000]

export class Live {
  readonly state = reactive({ connected: false, since: Date.now(), heardAt: 0 })
  private listeners = new Map<Kind, Set<Listener<never>>>()
  private source: EventSource | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private failures = 0
  private last = ''

  constructor(private readonly open: (address: string) => EventSource = (address) => new EventSource(address)) {}

  on<K extends Kind>(kind: K, listener: Listener<K>): () => void {
    const set = this.listeners.get(kind) ?? new Set()
    this.listeners.set(kind, set.add(listener as Listener<never>))
    return () => void set.delete(listener as Listener<never>)
  }

  start(): void {
    if (this.source) return
    const source = this.open(this.last ? `/api/live?last=${encodeURIComponent(this.last)}` : '/api/live')
    this.source = source
    source.onopen = () => {
      this.failures = 0
      this.tell(true)
    }
    source.onerror = () => this.lost(source)
    for (const kind of KINDS) source.addEventListener(kind, (event) => this.heard(kind, event))
  }

  stop(): void {
    clearTimeout(this.timer)
    this.source?.close()
    this.source = undefined
    this.tell(false)
  }

  private heard(kind: Kind, event: MessageEvent<string>): void {
    if (event.lastEventId) this.last = event.lastEventId
    this.state.heardAt = Date.now()
    const data = event.data ? JSON.parse(event.data) : {}
    for (const listener of this.listeners.get(kind) ?? []) (listener as Listener<typeof kind>)(data)
  }

  // 浏览器自己的重连遇到 4xx、5xx 就不再试；所以每次都关掉、自己按间隔重开。
  private lost(source: EventSource): void {
    if (source !== this.source) return
    source.close()
    this.source = undefined
    this.tell(false)
    const pause = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)]
    this.timer = setTimeout(() => this.start(), pause)
  }

  private tell(connected: boolean): void {
    if (this.state.connected === connected) return
    this.state.connected = connected
    this.state.since = Date.now()
  }
}

export const live = new Live()
