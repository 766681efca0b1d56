// 我的座席：服务器说状态，软电话说线路；两者在这里合成页面看到的一个状态。
import { computed, reactive, ref, watch } from 'vue'
import type { UA } from 'jssip'
import { ApiProblem, get, post } from '@/api/client'
import type { CallPop, DialRequest, Seat, SeatPage, SeatStateChange, SipAccount, TransferRequest, TransferTarget } from '@/api/types'
import { holdSeat, letGoOfSeat } from '@/lib/oneSeat'
import { startRinging, stopRinging } from '@/lib/ringer'
import type { SeatLook } from '@/lib/states'
import { live } from '@/live'
import { closeMicrophone, mic, openMicrophone, SENTENCE } from '@/microphone'
import { Softphone } from '@/softphone'
import { setQueues } from './queues'
import { me } from './session'
import { say } from './ui'

const RENEW_BEFORE_MS = 120_000
const QUEUES_MS = 2000 // 队列变化频繁，最多两秒取一次
const IN_CALL = new Set(['ringing', 'talking', 'dialing'])
export const REJOIN_S = 60

export interface Consult {
  kind: TransferRequest['kind']
  target: TransferTarget
  three: boolean
}

export const seat = reactive({
  value: null as Seat | null,
  consult: null as Consult | null,
  rejoinAt: 0, // 刷新后等着接回市民的起点，0 = 没有
  elsewhere: false, // 另一个窗口占着这个座席
  busyWith: '', // 正在进行的动作，按钮据此防连点
})

const speaker = typeof Audio === 'undefined' ? null : new Audio()

export async function makeUa(account: SipAccount): Promise<UA> {
  const { default: JsSIP } = await import('jssip')
  JsSIP.debug.disable() // SIP 报文里有号码，不进控制台
  return new JsSIP.UA({
    sockets: [new JsSIP.WebSocketInterface(account.ws_url)],
    uri: account.uri,
    authorization_user: account.username,
    password: account.password,
    realm: account.realm,
    register: true,
    register_expires: 120,
    session_timers: false,
    connection_recovery_min_interval: 1,
    connection_recovery_max_interval: 8,
  })
}

export const phone = new Softphone({
  ua: makeUa,
  microphone: openMicrophone,
  play(stream) {
    if (!speaker) return
    speaker.srcObject = stream
    void speaker.play().catch(() => say('warn', '浏览器拦住了声音，请在页面上点一下。'))
  },
})

const overOnPhone = () => phone.state.ended?.callId === seat.value?.call?.call_id

export const look = computed<SeatLook>(() => {
  const call = phone.state.call
  if (call?.phase === 'talking') return call.held ? 'hold' : seat.consult?.three ? 'three' : 'talking'
  if (call && !call.rejoin) return call.auto ? 'dialing' : 'ringing'
  const state = seat.value?.state ?? 'off'
  if (state === 'talking' && overOnPhone()) return 'acw'
  if (state === 'ringing' && overOnPhone()) return 'ready'
  return state
})

const lookAt = ref(Date.now())
watch(look, () => (lookAt.value = Date.now()))

/** 当前状态从何时起，毫秒。 */
export const since = computed(() => (seat.value && look.value === seat.value.state ? Date.parse(seat.value.since) : lookAt.value))
export const pop = computed<CallPop | null>(() => seat.value?.call ?? null)
export const inCall = computed(() => ['talking', 'hold', 'three'].includes(look.value))

/** 为什么现在不能示闲；空 = 可以。 */
export const notReady = computed(() => {
  if (mic.state !== 'ok') return SENTENCE[mic.state] || '麦克风还没有打开，请先试音。'
  if (phone.state.line !== 'ready') return '话机线路还没有连上，正在重试。'
  return ''
})

export function setSeat(value: Seat): void {
  if (!value.call || value.call.ended_at) seat.rejoinAt = 0
  if (value.state !== 'talking' && value.state !== 'dialing') seat.consult = null
  seat.value = value
  setQueues(value.queues)
  if (value.call && IN_CALL.has(value.state)) phone.pair(value.call.call_id)
}

let loading: Promise<void> | undefined
let again = false

/** 一次只取一份；取的时候又有变化，取完再取一次。 */
export function loadSeat(): Promise<void> {
  again = Boolean(loading)
  loading ??= get<Seat>('/seat')
    .then(setSeat)
    .finally(() => {
      loading = undefined
      if (again) void loadSeat().catch(() => {})
    })
  return loading
}

let turn: Promise<void> = Promise.resolve()
const asked = new Set<string>()

/** 同一时刻只做一件：重复按键不会发出两次，别的键等上一件办完再办，不会丢。 */
function doing(name: string, action: () => Promise<void>): Promise<void> {
  if (asked.has(name)) return turn
  asked.add(name)
  turn = turn.then(() => done(name, action))
  return turn
}

async function done(name: string, action: () => Promise<void>): Promise<void> {
  seat.busyWith = name
  try {
    await action()
  } catch (error) {
    say('crit', error instanceof ApiProblem ? error.message : '没有办成，请再试一次。')
  } finally {
    asked.delete(name)
    seat.busyWith = ''
  }
}

const change = async (path: string, body?: unknown) => setSeat((await post<Seat | undefined>(path, body)) ?? (await get<Seat>('/seat')))

let renewal: ReturnType<typeof setTimeout> | undefined

async function account(): Promise<SipAccount> {
  const page: SeatPage = { holds_call: phone.state.call !== null } // 手里没有通话的新页面，服务器立即把市民接回来
  const fresh = await post<SipAccount>('/seat/sign-in', page)
  clearTimeout(renewal)
  const wait = Math.max(30_000, Date.parse(fresh.expires_at) - Date.now() - RENEW_BEFORE_MS)
  renewal = setTimeout(() => void account().then((next) => phone.renew(next)).catch(() => {}), Math.min(wait, 2 ** 31 - 1))
  return fresh
}

async function goOnline(steal: boolean): Promise<void> {
  const mine = await holdSeat(me.value?.staff_no ?? '', steal, lostToOtherWindow)
  seat.elsewhere = !mine
  if (!mine) return
  await openMicrophone().catch(() => {}) // 被拒不拦签入，只拦示闲
  await phone.connect(await account())
  await loadSeat()
}

function lostToOtherWindow(): void {
  seat.elsewhere = true
  clearTimeout(renewal)
  phone.close()
}

export const signInSeat = (steal = false) => doing('sign-in', () => goOnline(steal))

export const signOutSeat = () =>
  doing('sign-out', async () => {
    await change('/seat/sign-out')
    clearTimeout(renewal)
    phone.close()
    closeMicrophone()
    letGoOfSeat()
  })

/** 打开页面：已签入的座席自动恢复线路；通话中刷新的，等服务器把市民接回来。 */
export async function resumeSeat(): Promise<void> {
  await loadSeat()
  if (!seat.value || seat.value.state === 'off' || phone.state.line !== 'off') return
  const call = seat.value.call
  if (call?.answered_at && !call.ended_at) seat.rejoinAt = Date.now()
  await signInSeat()
}

export const setState = (state: SeatStateChange['state'], reason = '') =>
  doing('state', async () => {
    if (state === 'ready' && notReady.value) return say('warn', notReady.value)
    await change('/seat/state', { state, reason })
  })

export const extendWrapUp = () => doing('extend', () => change('/seat/wrap-up/extend'))

export async function answer(): Promise<void> {
  try {
    await phone.answer()
  } catch {
    say('crit', SENTENCE[mic.state] || '没有接起来，请再按一次。')
  }
}

/** 线路断着时浏览器发不出 BYE，请服务器代挂。 */
export async function hangUp(): Promise<void> {
  const local = phone.state.call !== null && phone.state.line === 'ready'
  phone.hangUp()
  if (!local) await doing('hang-up', () => post('/seat/call/hang-up'))
}

export const transferTo = (kind: TransferRequest['kind'], target: TransferTarget) =>
  doing('transfer', async () => {
    await post('/seat/call/transfer', { kind, target: target.target })
    seat.consult = kind === 'attended' ? { kind, target, three: false } : null
    if (kind === 'blind') say('ok', `已转给${target.label}。`)
  })

export const transferStep = (step: 'complete' | 'cancel' | 'three') =>
  doing('transfer', async () => {
    await post(`/seat/call/transfer/${step}`)
    if (step === 'three' && seat.consult) seat.consult.three = true
    else seat.consult = null
  })

export const dial = (request: DialRequest) => doing('dial', () => post('/seat/dial', request))

// 弹屏要快：铃响先只取这一通的来电人，座席的其余部分随后再取。
async function rings({ call_id }: { call_id: string }): Promise<void> {
  const call = await get<CallPop>(`/seat/pop/${encodeURIComponent(call_id)}`)
  if (seat.value) setSeat({ ...seat.value, state: 'ringing', since: call.ringing_at ?? new Date().toISOString(), call })
}

let queueTimer: ReturnType<typeof setTimeout> | undefined
function queuesMoved(): void {
  queueTimer ??= setTimeout(() => {
    queueTimer = undefined
    if (seat.value) void loadSeat().catch(() => {})
  }, QUEUES_MS)
}

const refresh = () => void (seat.value && loadSeat().catch(() => {}))
live.on('seat.changed', refresh)
live.on('call.ringing', (data) => void rings(data).catch(refresh))
live.on('call.answered', refresh)
live.on('queues.changed', queuesMoved)
live.on('call.ended', ({ call_id }) => phone.state.call?.callId === call_id && phone.hangUp())
live.on('reset', refresh)

watch(look, (now) => (now === 'ringing' ? startRinging(pop.value?.queue_label || '来电') : stopRinging()))
watch(
  () => phone.state.call?.phase,
  (phase) => phase === 'talking' && (seat.rejoinAt = 0),
)
watch(
  () => mic.state,
  (now) => now === 'lost' && seat.value?.state === 'ready' && void setState('busy', 'microphone'),
)
