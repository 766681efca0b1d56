// 找一个数，使 SHA-256("nonce:数") 以 bits 个零位开头。
import { blockOf, firstWord } from './sha256'

/** 从 `from` 起试 `count` 个；-1 = 这一段里没有。 */
export function search(nonce: string, bits: number, from: number, count: number): number {
  const limit = bits >= 32 ? 1 : 2 ** (32 - bits)
  const block = new Uint32Array(16)
  for (let counter = from; counter < from + count; counter++) {
    if (firstWord(blockOf(`${nonce}:${counter}`, block)) < limit) return counter
  }
  return -1
}
