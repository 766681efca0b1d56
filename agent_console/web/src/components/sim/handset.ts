// 市民的手机：网页里的一部话机。没有麦克风也能用，只是对方听到的是静音。
import { reactive, ref } from 'vue'
import { post } from '@/api/client'
import type { HandsetAccount } from '@/api/types'
import { Softphone } from '@/softphone'
import { makeUa } from '@/stores/seat'

export const silent = ref(false)

async function voice(): Promise<MediaStream> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: false })
    silent.value = false
    return stream
  } catch {
    silent.value = true
    return new AudioContext().createMediaStreamDestination().stream
  }
}

const speaker = typeof Audio === 'undefined' ? null : new Audio()
export const line = new Softphone({
  ua: makeUa,
  microphone: voice,
  play(stream) {
    if (!speaker) return
    speaker.srcObject = stream
    void speaker.play().catch(() => undefined) // 没点过页面时浏览器不出声，通话照常
  },
})

export const handset = reactive({ host: '', dialled: '' })

export async function powerOn(): Promise<void> {
  const account = await post<HandsetAccount>('/simulator/telephone')
  handset.host = account.sip.realm
  await line.connect(account.sip)
}

/** 主叫号码由运营商写在 P-Asserted-Identity 里，这里照做。 */
export async function call(number: string, from: string): Promise<void> {
  handset.dialled = number
  await line.dial(number, from ? [`P-Asserted-Identity: <sip:${from}@${handset.host}>`] : [])
}
