// 工作量证明：提交前手机先算一道小题，代替验证码。平时不到半秒；同一地址发得太多才会变难。
import { search } from './search'

export interface Challenge {
  nonce: string
  bits: number
  expires: number // 秒
  signature: string
}

const SLICE = 4_000
const EARLY_S = 60 // 快到期的不用

async function inSlices(nonce: string, bits: number): Promise<number> {
  for (let from = 0; ; from += SLICE) {
    const found = search(nonce, bits, from, SLICE)
    if (found >= 0) return found
    await new Promise((done) => setTimeout(done))
  }
}

function inWorker(nonce: string, bits: number): Promise<number> {
  return new Promise((done, failed) => {
    const worker = new Worker(new URL('./proof.worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<number>) => (worker.terminate(), done(data))
    worker.onerror = (error) => (worker.terminate(), failed(error))
    worker.postMessage({ nonce, bits })
  })
}

/** 请求头的值。没有 Worker 的浏览器在主线程里一小段一小段地算，页面不卡。 */
export async function solve(asked: Challenge): Promise<string> {
  const counter = await inWorker(asked.nonce, asked.bits).catch(() => inSlices(asked.nonce, asked.bits))
  return [asked.nonce, asked.bits, asked.expires, asked.signature, counter].join('.')
}

/** 先算好一份备着：填表的工夫足够了，按下提交时不用等。 */
export class Proofs {
  private ready: Promise<{ value: string; until: number }> | null = null

  constructor(private readonly ask: () => Promise<Challenge>) {}

  prepare(): void {
    this.ready ??= this.make()
    this.ready.catch(() => (this.ready = null)) // 断网时算不成，用的时候再说
  }

  async take(): Promise<string> {
    const waiting = this.ready
    this.ready = null
    const kept = await waiting?.catch(() => null)
    if (kept && kept.until > Date.now() / 1000) return kept.value
    return (await this.make()).value
  }

  private async make(): Promise<{ value: string; until: number }> {
    const asked = await this.ask()
    return { value: await solve(asked), until: asked.expires - EARLY_S }
  }
}
