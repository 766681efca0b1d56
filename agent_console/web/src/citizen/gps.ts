// 浏览器给的位置（WGS-84）；给不了时说清为什么、还能怎么办。
export interface Fix {
  lat: number
  lon: number
  accuracy: number
}
const WAIT_MS = 20_000

const WHY: Record<number, string> = {
  1: '您没有允许使用位置。可以在浏览器设置里允许，或在地图上点。',
  2: '手机暂时定不了位。请打开定位，或在地图上点。',
  3: '定位太慢了，请到窗边再试，或在地图上点。',
}

/** 位置，或一句话说明为什么没有。 */
export function whereAmI(): Promise<Fix | string> {
  if (!isSecureContext || !('geolocation' in navigator)) return Promise.resolve('这个浏览器不给网页用位置，请在地图上点。')
  return new Promise((done) =>
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done({ lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy }),
      (error) => done(WHY[error.code] ?? WHY[2]!),
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 10_000 },
    ),
  )
}
