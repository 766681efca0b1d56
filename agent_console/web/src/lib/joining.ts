// 一键并入：先等几秒再送出，这几秒里可以撤销——送出后短信已发、部门已催，就收不回来了。
import { reactive } from 'vue'

export const UNDO_S = 6

export interface Joinable {
  case_number: string
  title: string
}

export class Joining {
  readonly state = reactive({ target: null as Joinable | null, left: 0 })
  private timer: ReturnType<typeof setInterval> | undefined

  constructor(private readonly send: (number: string) => Promise<unknown>) {}

  /** 等着送出的时候再按，不算第二次。 */
  start(target: Joinable): void {
    if (this.state.target) return
    Object.assign(this.state, { target: { ...target }, left: UNDO_S })
    this.timer = setInterval(() => --this.state.left || void this.now(), 1000)
  }

  undo(): boolean {
    const had = this.state.target !== null
    clearInterval(this.timer)
    Object.assign(this.state, { target: null, left: 0 })
    return had
  }

  /** 不等了，马上送出：再按提交、示闲、另开一张时。 */
  async now(): Promise<void> {
    const target = this.state.target
    if (this.undo() && target) await this.send(target.case_number)
  }
}
