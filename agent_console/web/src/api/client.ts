// 唯一调用 fetch 的地方：带 CSRF、把错误变成一句中文、只有 GET 会重试。
import type { Problem, Ready } from './types'

const TIMEOUT_MS = 15_000
const RETRY_AFTER_MS = [400, 1200]

/** 服务器的 Problem，或网络断开时我们自己的一句话。`message` 可以直接给人看。 */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field = '',
  ) {
    super(message)
  }

  /** 没有得到服务器的回答：内容没有丢，可以再试。 */
  get offline(): boolean {
    return this.status === 0
  }
}

type Query = Record<string, string | number | boolean | null | undefined>

let csrf = ''
let onSignedOut: () => void = () => {}
let onReached: (reached: boolean) => void = () => {}

export const setCsrf = (token: string) => void (csrf = token)
export const whenSignedOut = (f: () => void) => void (onSignedOut = f)
export const whenReached = (f: (reached: boolean) => void) => void (onReached = f)

export function url(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, v]) => v !== '' && v != null)
  const q = new URLSearchParams(pairs.map(([k, v]) => [k, String(v)])).toString()
  return `/api${path}${q ? `?${q}` : ''}`
}

const OFFLINE = new Map([
  ['TimeoutError', ['timeout', '服务器 15 秒没有回答，您填的内容还在，请再试一次。']],
  ['TypeError', ['offline', '连不上服务器，您填的内容还在；恢复后再试一次。']],
])

function unreachable(error: unknown): unknown {
  const name = error instanceof Error ? error.name : ''
  const known = OFFLINE.get(name)
  return known ? new ApiProblem(0, known[0]!, known[1]!) : error
}

async function problem(reply: Response): Promise<ApiProblem> {
  const body: Partial<Problem> = await reply.json().catch(() => ({}))
  const message = body.message ?? `服务器没有办成（${reply.status}），请再试一次；仍不行请找值班技术。`
  return new ApiProblem(reply.status, body.code ?? 'unknown', message, body.field)
}

const fileType = (file: Blob) => (file.type.startsWith('image/') ? file.type : 'application/octet-stream')

async function once(method: string, address: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (method !== 'GET') headers['X-CSRF-Token'] = csrf
  const file = body instanceof Blob
  if (body !== undefined) headers['Content-Type'] = file ? fileType(body) : 'application/json'
  const limit = AbortSignal.timeout(TIMEOUT_MS)
  const init: RequestInit = { method, headers, signal: signal ? AbortSignal.any([signal, limit]) : limit }
  if (body !== undefined) init.body = file ? body : JSON.stringify(body)
  return fetch(address, init)
}

// 网关重启时的 502–504 与断线同样处理：对方没有办理过这次读取。
const passing = (status: number) => status >= 502 && status <= 504

async function reach(method: string, address: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const pauses = method === 'GET' ? [...RETRY_AFTER_MS] : []
  for (;;) {
    try {
      const reply = await once(method, address, body, signal)
      onReached(!passing(reply.status))
      if (!passing(reply.status) || !pauses.length) return reply
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error
      onReached(false)
      if (!pauses.length) throw unreachable(error)
    }
    await new Promise((done) => setTimeout(done, pauses.shift()))
  }
}

async function call<T>(method: string, address: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const reply = await reach(method, address, body, signal)
  if (reply.status === 401 && !address.startsWith('/api/session')) onSignedOut()
  if (!reply.ok) throw await problem(reply)
  const text = await reply.text() // 204 没有内容，但也带着 JSON 的类型
  return (text ? JSON.parse(text) : undefined) as T
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal) => call<T>('GET', url(path, query), undefined, signal)
export const post = <T>(path: string, body: unknown = {}, signal?: AbortSignal) => call<T>('POST', url(path), body, signal)
/** `body` 可以是图片文件。 */
export const put = <T>(path: string, body: unknown) => call<T>('PUT', url(path), body)
export const upload = <T>(path: string, file: Blob, query: Query) => call<T>('POST', url(path, query), file)
export const del = <T>(path: string) => call<T>('DELETE', url(path))

/** 登录页上的系统状态；连不上时为 null。503 也带着各部分的状态。 */
export async function readiness(): Promise<Ready | null> {
  try {
    return await (await fetch('/readyz', { signal: AbortSignal.timeout(TIMEOUT_MS) })).json()
  } catch {
    return null
  }
}

/** 一句可以给人看的话。不是我们的错误也不吞掉原因。 */
export const sentence = (error: unknown): string =>
  error instanceof ApiProblem ? error.message : `页面出了错：${error instanceof Error ? error.message : String(error)}`
