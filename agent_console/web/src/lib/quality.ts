// 通话质量：由丢包、抖动、往返时延估出 1–4.5 分（ITU-T G.107 E 模型的常用简化）。
export interface Measured {
  lost: number // 本段丢的包
  received: number
  jitterMs: number
  rttMs: number
}

export function mos({ lost, received, jitterMs, rttMs }: Measured): number {
  const loss = lost + received > 0 ? (100 * Math.max(0, lost)) / (lost + received) : 0
  const delay = rttMs / 2 + 2 * jitterMs + 10
  const r = Math.min(93.2, Math.max(0, 93.2 - (delay < 160 ? delay / 40 : (delay - 120) / 10) - 2.5 * loss))
  return 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6
}

export const grade = (score: number) => (score >= 4 ? '好' : score >= 3.6 ? '一般' : '差')

interface Counters {
  lost: number
  received: number
}

/** 与上次读数相减，只评最近这几秒。没有统计时为 null。 */
export async function measure(connection: RTCPeerConnection, before: Counters): Promise<{ measured: Measured; now: Counters } | null> {
  const found = { inbound: null as RTCInboundRtpStreamStats | null, rtt: 0 }
  ;(await connection.getStats()).forEach((report: { type: string; kind?: string; roundTripTime?: number }) => {
    if (report.type === 'inbound-rtp' && report.kind === 'audio') found.inbound = report as unknown as RTCInboundRtpStreamStats
    if (report.type === 'remote-inbound-rtp' && report.roundTripTime) found.rtt = report.roundTripTime
  })
  if (!found.inbound) return null
  const now = { lost: found.inbound.packetsLost ?? 0, received: found.inbound.packetsReceived ?? 0 }
  return {
    now,
    measured: { lost: now.lost - before.lost, received: now.received - before.received, jitterMs: (found.inbound.jitter ?? 0) * 1000, rttMs: found.rtt * 1000 },
  }
}
