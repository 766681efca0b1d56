// 把 A 律排在音频编码首位：中继说 A 律，座席也说 A 律，Asterisk 就不用转码。
const ALAW = '8' // RFC 3551 的静态编号

export function preferAlaw(sdp: string): string {
  return sdp.replace(/^(m=audio \d+ [A-Z/]+) ([\d ]+)/m, (line, head: string, list: string) => {
    const types = list.trim().split(' ')
    return types.includes(ALAW) ? `${head} ${[ALAW, ...types.filter((t) => t !== ALAW)].join(' ')}` : line
  })
}
