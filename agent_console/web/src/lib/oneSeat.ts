// 一个座席只在一个窗口上线：两个窗口抢同一个分机，会把通话抢断。
let release: (() => void) | undefined

/** 拿到独占权返回 true；另一个窗口占着返回 false。steal 为 true 时接管，那个窗口的 onStolen 会被叫到。 */
export function holdSeat(staffNo: string, steal: boolean, onStolen: () => void): Promise<boolean> {
  if (!navigator.locks) return Promise.resolve(true)
  if (release) return Promise.resolve(true)
  return new Promise((resolve) => {
    navigator.locks
      .request(`hotline-seat-${staffNo}`, steal ? { steal } : { ifAvailable: true }, (lock) => {
        resolve(lock !== null)
        return lock ? new Promise<void>((done) => (release = done)) : undefined
      })
      .catch(() => {
        release = undefined
        onStolen()
      })
  })
}

export function letGoOfSeat(): void {
  release?.()
  release = undefined
}
