import { EventEmitter } from 'node:events'
import { beforeEach, expect, test } from 'vitest'
import type { UA } from 'jssip'
import type { SipAccount } from '@/api/types'
import { Softphone } from './softphone'

class FakeSession extends EventEmitter {
  connection = undefined
  established = false
  over = false
  answered: unknown[] = []
  ended: unknown[] = []
  renegotiated = 0
  answer = (options: unknown) => void this.answered.push(options)
  terminate = (options: unknown) => void this.ended.push(options)
  isEstablished = () => this.established
  isEnded = () => this.over
  renegotiate = () => void this.renegotiated++
  hold = () => this.emit('hold', { originator: 'local' })
  unhold = () => this.emit('unhold', { originator: 'local' })
  confirm(): void {
    this.established = true
    this.emit('confirmed')
  }
  bye(cause = 'Terminated'): void {
    this.over = true
    this.established = false
    this.emit('ended', { cause })
  }
}

class FakeUa extends EventEmitter {
  stopped = false
  settings: Record<string, unknown> = {}
  registers = 0
  start = () => {}
  stop = () => void (this.stopped = true)
  set = (name: string, value: unknown) => void (this.settings[name] = value)
  register = () => void this.registers++
  invite(headers: Record<string, string> = {}): FakeSession {
    const session = new FakeSession()
    this.emit('newRTCSession', { originator: 'remote', session, request: { getHeader: (name: string) => headers[name] } })
    return session
  }
}

const account: SipAccount = { uri: 'sip:1027@h', username: '1027', password: 'secret', realm: 'h', ws_url: 'ws://h/ws', expires_at: '2026-11-20T10:00:00Z' }
let ua: FakeUa
let phone: Softphone
let refuse = false
const settle = () => new Promise((done) => setTimeout(done))

beforeEach(async () => {
  ua = new FakeUa()
  refuse = false
  phone = new Softphone({
    ua: () => Promise.resolve(ua as unknown as UA),
    microphone: () => (refuse ? Promise.reject(new Error('refused')) : Promise.resolve({} as MediaStream)),
    play: () => {},
    now: () => 5,
  })
  await phone.connect(account)
  ua.emit('registered')
})

test('a call from the queue rings, waits for a person, and gets its id from the service', async () => {
  const session = ua.invite()
  await settle()
  phone.pair('ast1-1.12')
  phone.pair('another')
  expect(phone.state.call).toMatchObject({ callId: 'ast1-1.12', phase: 'ringing', rejoin: false })
  expect(session.answered).toHaveLength(0)
})

test('answering uses the open microphone and no outside server', async () => {
  const session = ua.invite()
  await phone.answer()
  expect(session.answered[0]).toMatchObject({ pcConfig: { iceServers: [] }, mediaConstraints: { audio: true, video: false } })
  session.confirm()
  expect(phone.state.call?.phase).toBe('talking')
})

test('a rejoined call and a call that we placed answer themselves', async () => {
  const rejoin = ua.invite({ 'X-Rejoin': 'ast1-1.12' })
  await settle()
  expect(rejoin.answered).toHaveLength(1)
  rejoin.bye()
  const placed = ua.invite({ 'X-Hotline-Call': 'out-7' })
  await settle()
  expect(placed.answered).toHaveLength(1)
})

test('without a microphone a call that answers itself is given back instead of left silent', async () => {
  refuse = true
  const session = ua.invite({ 'X-Hotline-Call': 'out-7' })
  await settle()
  expect(session.ended).toEqual([{ status_code: 480, reason_phrase: 'Temporarily Unavailable' }])
})

test('a second call is refused as busy and the first goes on', async () => {
  const first = ua.invite()
  phone.pair('a')
  const second = ua.invite()
  expect(second.ended).toEqual([{ status_code: 486, reason_phrase: 'Busy Here' }])
  expect(phone.state.call?.callId).toBe('a')
  expect(first.ended).toHaveLength(0)
})

test('hold is what the other side confirmed, not what was pressed', () => {
  const session = ua.invite()
  phone.setHeld(true)
  expect(phone.state.call?.held).toBe(false)
  session.confirm()
  phone.setHeld(true)
  expect(phone.state.call?.held).toBe(true)
  phone.setHeld(false)
  expect(phone.state.call?.held).toBe(false)
})

test('after a broken socket a live call is renegotiated, so that a lost BYE is noticed', () => {
  const session = ua.invite()
  session.confirm()
  ua.emit('disconnected')
  expect(phone.state).toMatchObject({ line: 'lost', call: { phase: 'talking' } })
  ua.emit('registered')
  expect(session.renegotiated).toBe(1)
  expect(phone.state.line).toBe('ready')
})

test('the end of a call leaves its id and cause', () => {
  const session = ua.invite()
  phone.pair('ast1-1.12')
  session.confirm()
  session.bye()
  expect(phone.state.call).toBeNull()
  expect(phone.state.ended).toEqual({ callId: 'ast1-1.12', cause: 'Terminated', at: 5 })
})

test('a new secret is used without dropping the line, and is kept nowhere in the state', () => {
  phone.renew({ ...account, password: 'newer' })
  expect(ua.settings['password']).toBe('newer')
  expect([ua.registers, ua.stopped]).toEqual([1, false])
  expect(JSON.stringify(phone.state)).not.toContain('newer')
})

test('a late event of an old call does not end the new one', () => {
  const old = ua.invite()
  old.bye()
  ua.invite()
  phone.pair('new')
  old.emit('failed', { cause: 'late' })
  expect(phone.state.call?.callId).toBe('new')
})
