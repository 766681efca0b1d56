// 只算一个分组（不超过 55 个字节）的 SHA-256，给工作量证明用：WebCrypto 每次都要等，慢几十倍。
const K = new Uint32Array(64)
const START = new Uint32Array(8)
fill()

/** 前 64 个素数的立方根、前 8 个的平方根的小数部分（FIPS 180-4）。 */
function fill(): void {
  const fraction = (x: number) => ((x - Math.floor(x)) * 2 ** 32) >>> 0
  for (let n = 2, i = 0; i < 64; n++) {
    let prime = true
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false
    if (!prime) continue
    if (i < 8) START[i] = fraction(Math.sqrt(n))
    K[i++] = fraction(Math.cbrt(n))
  }
}

const W = new Uint32Array(64)
const rotr = (x: number, n: number) => (x >>> n) | (x << (32 - n))

/** 摘要的第一个 32 位字，够数 32 个零位。`block` 是补好位的 16 个字。 */
export function firstWord(block: Uint32Array): number {
  W.set(block)
  for (let t = 16; t < 64; t++) {
    const x = W[t - 15]!
    const y = W[t - 2]!
    W[t] = (W[t - 16]! + (rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3)) + W[t - 7]! + (rotr(y, 17) ^ rotr(y, 19) ^ (y >>> 10))) | 0
  }
  let [a, b, c, d, e, f, g, h] = START as unknown as [number, number, number, number, number, number, number, number]
  for (let t = 0; t < 64; t++) {
    const t1 = (h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + K[t]! + W[t]!) | 0
    const t2 = ((rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  return (a + START[0]!) >>> 0
}

/** 把 ASCII 文字补位成一个分组；超过 55 个字节的不归这里算。 */
export function blockOf(text: string, block = new Uint32Array(16)): Uint32Array {
  if (text.length > 55) throw new Error('too long for one block')
  block.fill(0)
  for (let i = 0; i < text.length; i++) block[i >> 2]! |= text.charCodeAt(i) << (24 - (i % 4) * 8)
  block[text.length >> 2]! |= 0x80 << (24 - (text.length % 4) * 8)
  block[15] = text.length * 8
  return block
}
