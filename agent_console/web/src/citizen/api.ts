// 市民页面唯一调用 fetch 的地方：带工作量证明，把错误变成一句中文；断网与办不成分得清。
import { Proofs, type Challenge } from './proof'
import { device } from './stored'
import type { CitizenCity, CitizenHints, CitizenReportIn, PhotoOut, ProgressOut, RatingIn, Receipt, SaidIn, SpotHint, SpotOut, TalkOut, TicketIn, WithdrawnOut } from './types'

const TIMEOUT_MS = 20_000
const UPLOAD_MS = 90_000

/** `message` 可以直接给人看；`offline` 表示服务器没有回答，内容没有丢。 */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field = '',
  ) {
    super(message)
  }
  get offline(): boolean {
    return this.status === 0 || (this.status >= 502 && this.status <= 504)
  }
}

const OFFLINE = '网络不通，您填的内容都在；恢复后再试一次。'

async function once(method: string, path: string, body: unknown, headers: Record<string, string>, credentials: RequestCredentials = 'omit'): Promise<Response> {
  const file = body instanceof Blob
  const sent: Record<string, string> = { Accept: 'application/json', ...headers }
  if (body !== undefined) sent['Content-Type'] = file ? body.type || 'image/jpeg' : 'application/json'
  const init: RequestInit = { method, headers: sent, signal: AbortSignal.timeout(file ? UPLOAD_MS : TIMEOUT_MS), credentials }
  if (body !== undefined) init.body = file ? body : JSON.stringify(body)
  try {
    return await fetch(`/api/citizen${path}`, init)
  } catch {
    throw new Problem(0, 'offline', OFFLINE)
  }
}

async function problem(reply: Response): Promise<Problem> {
  const body = (await reply.json().catch(() => ({}))) as { code?: string; message?: string; field?: string }
  if (reply.status >= 502 && reply.status <= 504) return new Problem(reply.status, 'offline', OFFLINE)
  return new Problem(reply.status, body.code ?? 'unknown', body.message ?? '没有办成，请稍后再试；有急事请拨打 12345。', body.field)
}

async function call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const reply = await once(method, path, body, headers)
  if (!reply.ok) throw await problem(reply)
  const text = reply.status === 204 ? '' : await reply.text()
  return (text ? JSON.parse(text) : undefined) as T
}

/** 只有绑定手机号认浏览器：公众号授权时给它发过一个 cookie。 */
async function known<T>(path: string, body: unknown): Promise<T> {
  const reply = await once('POST', path, body, {}, 'same-origin')
  if (!reply.ok) throw await problem(reply)
  return (await reply.json()) as T
}

export const proofs = new Proofs(() => call<Challenge>('GET', '/challenge'))

/** 证明过期（页面放久了、服务重启过）时换一道题再来一次。 */
async function worked<T>(method: string, path: string, body: unknown): Promise<T> {
  try {
    return await call<T>(method, path, body, { 'X-Proof': await proofs.take() })
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'proof') throw error
    return call<T>(method, path, body, { 'X-Proof': await proofs.take() })
  }
}

const query = (given: Record<string, string | number>) => new URLSearchParams(Object.entries(given).map(([k, v]) => [k, String(v)])).toString()

export const api = {
  city: () => call<CitizenCity>('GET', '/city'),
  suggest: (text: string) => call<CitizenHints>('POST', '/suggest', { text }),
  places: (q: string) => call<SpotHint[]>('GET', `/places?${query({ q })}`),
  spot: (lat: number, lon: number) => call<SpotOut>('GET', `/spot?${query({ lat, lon })}`),
  photo: (content: Blob) => worked<PhotoOut>('PUT', '/photos', content),
  report: (given: Omit<CitizenReportIn, 'device'>) => worked<Receipt>('POST', '/reports', { ...given, device: device() }),
  progress: (ticket: TicketIn) => worked<ProgressOut>('POST', '/progress', ticket),
  urge: (ticket: TicketIn) => worked<void>('POST', '/urge', ticket),
  withdraw: (ticket: TicketIn) => worked<WithdrawnOut>('POST', '/withdraw', ticket),
  rate: (given: RatingIn) => worked<void>('POST', '/rate', given),
  say: (given: Omit<SaidIn, 'device'>) => worked<void>('POST', '/messages', { ...given, device: device() }),
  talk: () => call<TalkOut>('GET', '/messages', undefined, { 'X-Device': device() }),
  async file(id: string): Promise<Blob> {
    const reply = await once('GET', `/files/${encodeURIComponent(id)}`, undefined, { 'X-Device': device() })
    if (!reply.ok) throw await problem(reply)
    return reply.blob()
  },
  bindBegin: (ticket: string, number: string) => known<{ masked: string; expires_s: number; again_s: number }>('/binding/begin', { ticket, number }),
  bindConfirm: (ticket: string, code: string) => known<{ masked: string }>('/binding/confirm', { ticket, code }),
  linkOpened: (token: string) => call<{ expires_at: string; placed: boolean }>('POST', '/link/opened', { token }),
  linkPlace: (token: string, at: { lat: number; lon: number; accuracy: number }) => call<void>('POST', '/link/place', { token, ...at }),
  linkPhoto: (token: string, content: Blob) => call<PhotoOut>('PUT', '/photos/link', content, { 'X-Link': token }),
}

export const sentence = (error: unknown): string => (error instanceof Problem ? error.message : '页面出了错，请刷新后再试；您填的内容还在。')
