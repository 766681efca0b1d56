// 网页软电话：一条线路、至多一通电话。不知道页面、案件和座席状态；密码只在内存里，重连用完即随 UA 丢弃。
import { reactive } from 'vue'
import type { UA } from 'jssip'
import type { EndEvent, PeerConnectionEvent, RTCSession, SDPEvent } from 'jssip/lib/RTCSession'
import type { RTCSessionEvent } from 'jssip/lib/UA'
import type { SipAccount } from '@/api/types'
import { preferAlaw } from '@/lib/sdp'

export interface PhoneCall {
  callId: string // 通话编号；队列来电的邀请里没有，由 pair() 补上
  rejoin: boolean // 断开后重新接回同一位市民
  auto: boolean // 本席发起的外呼：先振自己，自动接起
  phase: 'ringing' | 'talking'
  held: boolean
  muted: boolean
  at: number // 进入该阶段的时刻，毫秒
}

export type Line = 'off' | 'connecting' | 'ready' | 'lost' | 'refused'

export interface PhoneState {
  line: Line
  call: PhoneCall | null
  ended: { callId: string; cause: string; at: number } | null
}

export interface PhoneParts {
  ua(account: SipAccount): Promise<UA>
  microphone(): Promise<MediaStream>
  play(stream: MediaStream): void
  now?(): number
}

const MEDIA = { mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } }

export class Softphone {
  readonly state: PhoneState = reactive({ line: 'off', call: null, ended: null })
  private ua: UA | undefined
  private session: RTCSession | undefined
  private cut = false
  private readonly now: () => number

  constructor(private readonly parts: PhoneParts) {
    this.now = parts.now ?? Date.now
  }

  get connection(): RTCPeerConnection | undefined {
    return this.session?.connection
  }

  /** 用新的短期密码上线；已有线路时先放下旧的，通话不受影响的前提是没有通话。 */
  async connect(account: SipAccount): Promise<void> {
    this.state.line = 'connecting'
    const ua = await this.parts.ua(account)
    this.ua?.stop()
    this.ua = ua
    ua.on('newRTCSession', (event: RTCSessionEvent) => this.offered(event))
    ua.on('registered', () => this.registered())
    ua.on('unregistered', () => (this.state.line = this.ua === ua ? 'lost' : this.state.line))
    ua.on('registrationFailed', () => (this.state.line = 'refused'))
    ua.on('disconnected', () => this.disconnected(ua))
    ua.start()
  }

  /** 密码过期前换新的，不断线、不刷新页面。 */
  renew(account: SipAccount): void {
    this.ua?.set('password', account.password)
    this.ua?.register()
  }

  close(): void {
    this.session?.terminate()
    this.ua?.stop()
    this.ua = undefined
    this.state.line = 'off'
  }

  /** 服务器说出了正在振铃或通话的是哪一通。 */
  pair(callId: string): void {
    if (this.state.call && !this.state.call.callId) this.state.call.callId = callId
  }

  async answer(): Promise<void> {
    const session = this.session
    if (!session || this.state.call?.phase !== 'ringing') return
    const mediaStream = await this.parts.microphone()
    if (session.isEnded()) return
    session.answer({ ...MEDIA, mediaStream })
  }

  /** 呼出。`headers` 原样放进 INVITE，例如运营商才会写的主叫号码。 */
  async dial(target: string, headers: string[] = []): Promise<void> {
    if (!this.ua || this.state.call) return
    const mediaStream = await this.parts.microphone()
    const session = this.ua.call(target, { ...MEDIA, mediaStream, extraHeaders: headers })
    this.session = session
    this.state.call = { callId: '', rejoin: false, auto: false, phase: 'ringing', held: false, muted: false, at: this.now() }
    this.follow(session)
  }

  /** 挂断或不接；没有接起时用 480，队列会转给下一座席。 */
  hangUp(): void {
    if (!this.session || this.session.isEnded()) return
    this.session.terminate(this.session.isEstablished() ? {} : { status_code: 480, reason_phrase: 'Temporarily Unavailable' })
  }

  setHeld(on: boolean): void {
    if (this.state.call?.phase !== 'talking') return
    if (on) this.session?.hold()
    else this.session?.unhold()
  }

  setMuted(on: boolean): void {
    if (this.state.call?.phase !== 'talking') return
    if (on) this.session?.mute({ audio: true })
    else this.session?.unmute({ audio: true })
  }

  sendKey(key: string): void {
    this.session?.sendDTMF(key, { transportType: 'RFC2833' as never })
  }

  private registered(): void {
    this.state.line = 'ready'
    if (!this.cut) return
    this.cut = false
    // 断线期间市民若已挂断，BYE 送到了旧连接；重新协商让对方告诉我们通话还在不在。
    if (this.session?.isEstablished()) this.session.renegotiate({})
  }

  private disconnected(ua: UA): void {
    if (this.ua !== ua) return
    this.cut = true
    this.state.line = 'lost'
  }

  private offered({ session, originator, request }: RTCSessionEvent): void {
    if (originator !== 'remote') return
    if (this.session && !this.session.isEnded()) return session.terminate({ status_code: 486, reason_phrase: 'Busy Here' })
    this.session = session
    const rejoined = request.getHeader('X-Rejoin') ?? ''
    const placed = request.getHeader('X-Hotline-Call') ?? '' // 本席外呼：先振自己，再接市民
    this.state.call = {
      callId: rejoined || placed,
      rejoin: Boolean(rejoined),
      auto: Boolean(placed),
      phase: 'ringing',
      held: false,
      muted: false,
      at: this.now(),
    }
    this.follow(session)
    if (this.state.call.rejoin || this.state.call.auto) void this.answer().catch(() => this.hangUp())
  }

  private follow(session: RTCSession): void {
    const listen = (connection: RTCPeerConnection) =>
      connection.addEventListener('track', (event) => event.streams[0] && this.parts.play(event.streams[0]))
    if (session.connection) listen(session.connection) // 呼出时连接在 call() 返回前就建好了
    session.on('peerconnection', ({ peerconnection }: PeerConnectionEvent) => listen(peerconnection))
    session.on('sdp', (event: SDPEvent) => (event.sdp = preferAlaw(event.sdp)))
    session.on('confirmed', () => this.change(session, { phase: 'talking', at: this.now() }))
    session.on('hold', ({ originator }) => originator === 'local' && this.change(session, { held: true }))
    session.on('unhold', ({ originator }) => originator === 'local' && this.change(session, { held: false }))
    session.on('muted', () => this.change(session, { muted: true }))
    session.on('unmuted', () => this.change(session, { muted: false }))
    session.on('ended', (event: EndEvent) => this.over(session, event.cause))
    session.on('failed', (event: EndEvent) => this.over(session, event.cause))
  }

  private change(session: RTCSession, change: Partial<PhoneCall>): void {
    if (session === this.session && this.state.call) Object.assign(this.state.call, change)
  }

  private over(session: RTCSession, cause: string): void {
    if (session !== this.session) return
    this.state.ended = { callId: this.state.call?.callId ?? '', cause, at: this.now() }
    this.state.call = null
    this.session = undefined
  }
}
