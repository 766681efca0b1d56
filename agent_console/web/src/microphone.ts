// 麦克风：签入时要一次许可并一直开着，接起不用再等；被拒、拔掉都立刻说出来。
import { reactive } from 'vue'

export type MicState = 'unknown' | 'asking' | 'ok' | 'refused' | 'missing' | 'lost'

export const SENTENCE: Record<MicState, string> = {
  unknown: '',
  asking: '浏览器正在询问麦克风权限，请选“允许”。',
  ok: '麦克风正常',
  refused: '麦克风被浏览器拒绝，现在接听市民听不到您。点地址栏左侧的锁，允许麦克风，然后试音。',
  missing: '没有找到麦克风，现在接听市民听不到您。请插好耳麦，然后试音。',
  lost: '麦克风断开了，市民听不到您。请重新插好耳麦，然后试音。',
}

export const mic = reactive({ state: 'unknown' as MicState, label: '', level: 0 })

let stream: MediaStream | undefined
let meter: ReturnType<typeof setInterval> | undefined
let context: AudioContext | undefined

const WANTED: MediaStreamConstraints = { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true }, video: false }

function kindOf(error: unknown): MicState {
  const name = error instanceof DOMException ? error.name : ''
  return name === 'NotFoundError' || name === 'OverconstrainedError' || name === 'NotReadableError' ? 'missing' : 'refused'
}

/** 打开（或沿用）麦克风；失败时抛出，并把原因留在 mic.state。 */
export async function openMicrophone(): Promise<MediaStream> {
  if (stream?.active) return stream
  mic.state = 'asking'
  try {
    if (!navigator.mediaDevices) throw new DOMException('insecure context', 'NotAllowedError')
    stream = await navigator.mediaDevices.getUserMedia(WANTED)
  } catch (error) {
    mic.state = kindOf(error)
    throw error
  }
  const track = stream.getAudioTracks()[0]
  mic.state = 'ok'
  mic.label = track?.label ?? ''
  track?.addEventListener('ended', lost)
  listen(stream)
  return stream
}

function lost(): void {
  mic.state = 'lost'
  mic.level = 0
  clearInterval(meter)
  stream = undefined
}

function listen(source: MediaStream): void {
  clearInterval(meter)
  context ??= new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 512
  context.createMediaStreamSource(source).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  meter = setInterval(() => {
    if (context?.state === 'suspended') void context.resume()
    analyser.getFloatTimeDomainData(samples)
    const rms = Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length)
    mic.level = Math.min(1, rms * 6)
  }, 200)
}

export function closeMicrophone(): void {
  clearInterval(meter)
  for (const track of stream?.getTracks() ?? []) track.stop()
  stream = undefined
  mic.state = 'unknown'
  mic.level = 0
}
