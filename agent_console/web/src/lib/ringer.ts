// 来电提醒：铃声现场合成；页面在后台时再加系统通知和标题闪动。通知里没有号码和姓名。
const TONE_HZ = [440, 480]
const ON_S = 1
const PERIOD_MS = 3000
const CHIME_S = 0.6
const CHIME_HZ = 880

let context: AudioContext | undefined
let timer: ReturnType<typeof setInterval> | undefined
let notice: Notification | undefined
let title = ''

function burst(): void {
  context ??= new AudioContext()
  void context.resume()
  const gain = context.createGain()
  const t = context.currentTime
  gain.gain.setValueAtTime(0, t)
  gain.gain.linearRampToValueAtTime(0.12, t + 0.02)
  gain.gain.setValueAtTime(0.12, t + ON_S - 0.05)
  gain.gain.linearRampToValueAtTime(0, t + ON_S)
  gain.connect(context.destination)
  for (const hz of TONE_HZ) {
    const tone = context.createOscillator()
    tone.frequency.value = hz
    tone.connect(gain)
    tone.start(t)
    tone.stop(t + ON_S)
  }
}

/** 消息超时：短促的一声，不像来电那样一直响。 */
export function chime(): void {
  if (typeof AudioContext === 'undefined') return
  context ??= new AudioContext()
  void context.resume()
  const gain = context.createGain()
  const tone = context.createOscillator()
  const t = context.currentTime
  gain.gain.setValueAtTime(0.1, t)
  gain.gain.exponentialRampToValueAtTime(0.001, t + CHIME_S)
  tone.frequency.value = CHIME_HZ
  tone.connect(gain).connect(context.destination)
  tone.start(t)
  tone.stop(t + CHIME_S)
}

export const askToNotify = () => void (typeof Notification === 'undefined' ? undefined : Notification.requestPermission())

export function startRinging(label: string): void {
  if (timer) return
  title = document.title
  let on = false
  const beat = () => {
    burst()
    on = !on
    document.title = on ? `【来电】${label}` : title
  }
  beat()
  timer = setInterval(beat, PERIOD_MS)
  if (document.hidden && typeof Notification !== 'undefined' && Notification.permission === 'granted') {
    notice = new Notification('有市民来电', { body: `${label}，按 F2 接听`, requireInteraction: true })
    notice.onclick = () => window.focus()
  }
}

export function stopRinging(): void {
  if (!timer) return
  clearInterval(timer)
  timer = undefined
  notice?.close()
  document.title = title
}
