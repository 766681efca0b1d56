// 存在这台设备上的东西。浏览器不让存时照常用，只是刷新后没有了。
export function load<T>(key: string): T | null {
  try {
    const text = localStorage.getItem(`hotline.${key}`)
    return text ? (JSON.parse(text) as T) : null
  } catch {
    return null
  }
}

export function save(key: string, value: unknown): boolean {
  try {
    localStorage.setItem(`hotline.${key}`, JSON.stringify(value))
    return true
  } catch {
    return false
  }
}

export function drop(key: string): void {
  try {
    localStorage.removeItem(`hotline.${key}`)
  } catch {
    // 没存进去的也不用删
  }
}

/** 128 位随机数。http 下没有 randomUUID。 */
export const randomKey = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

let own = ''
/** 这个浏览器自己的钥匙：对话只给拿着它的人看。 */
export function device(): string {
  own ||= load<string>('device') ?? ''
  if (!own) {
    own = randomKey()
    save('device', own)
  }
  return own
}
