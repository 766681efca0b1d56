import { search } from './search'

const STEP = 50_000
self.onmessage = ({ data }: MessageEvent<{ nonce: string; bits: number }>) => {
  let counter = -1
  for (let from = 0; counter < 0; from += STEP) counter = search(data.nonce, data.bits, from, STEP)
  self.postMessage(counter)
}
